import { formatOf } from '../format/registry.ts';
import { halve } from '../history/halving.ts';
import { countByTime } from './histogram.ts';
import type { HalveTask, Task } from './piece.ts';
import { type Found, search } from './search.ts';
import { PieceText } from './text.ts';
import { countValues, type ValueCounts } from './values.ts';
import { writtenText } from './written-text.ts';

const halvePiece = ({ piece, moment }: HalveTask) => {
  const { detected, parse, maxRecordBytes } = piece;
  const format = formatOf(detected.format, detected.layout);
  const layout = { begins: format.begins ?? null, maxRecordBytes };
  return halve(new PieceText(piece), piece, moment, layout, { format, parse });
};

/** What a thread of the pool is started with: does one task after the other. */
export default function run(
  task: Task,
): Promise<Found | Float64Array | ValueCounts | Uint8Array | { low: number; high: number }> {
  switch (task.kind) {
    case 'search':
      return search(task);
    case 'histogram':
      return countByTime(task);
    case 'values':
      return countValues(task);
    case 'halve':
      return halvePiece(task);
    case 'text':
      return writtenText(task);
  }
}

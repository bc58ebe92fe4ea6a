import { platform, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { formatOf } from '../format/registry.ts';
import { halve, pastUntimed } from '../history/halving.ts';
import { conclude, examine, fold } from './examine.ts';
import { countByTime } from './histogram.ts';
import type { Halved, HalveTask, Task } from './piece.ts';
import { search } from './search.ts';
import { PieceText } from './text.ts';
import { countValues } from './values.ts';
import { writtenText } from './written-text.ts';

/**
 * How much sooner than a search others get a processor (nice(1)): who follows a log should not notice that somebody
 * searches. Linux does it by thread; elsewhere it would be the whole process.
 */
const nicer = 5;
if (!isMainThread && platform() === 'linux') setPriority(nicer);

const halvePiece = async ({ piece, moment }: HalveTask): Promise<Halved> => {
  const { detected, parse, maxRecordBytes, end } = piece;
  const format = formatOf(detected.format, detected.layout);
  const layout = { begins: format.begins ?? null, maxRecordBytes };
  const text = new PieceText(piece);
  const places = await halve(text, piece, moment, layout, { format, parse });
  if (moment.untimed === 'later') return { ...places, timed: null };
  return { ...places, timed: await pastUntimed(text, places.high, end, layout, { format, parse }) };
};

/** What a thread of the pool is started with: does one task after the other. */
export default function run(task: Task): Promise<unknown> {
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
    case 'examine':
      return examine(task);
    case 'fold':
      return fold(task);
    case 'conclude':
      return conclude(task);
  }
}

// Answers questions about an access log by the parts that search it, in a process and one thread of its own. Argument:
// the log. Messages: a Question; its answer.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig } from '../../src/config.ts';
import { Chain } from '../../src/file/chain.ts';
import { Unpacker } from '../../src/file/unpack.ts';
import { NGINX_ACCESS } from '../../src/format/nginx-access.ts';
import { NginxGlance } from '../../src/format/nginx-glance.ts';
import { readPage } from '../../src/history/page.ts';
import { NeedleFinder } from '../../src/scan/needle-finder.ts';
import type { Question } from './question.ts';

/** Longer than every line of the log, and small enough to stay in the processor's cache. */
const blockBytes = 256 * 1024;
const newline = 10;
const minuteMs = 60_000;

const path = process.argv[2] ?? '';

/** Reads the log through a block. `take` is given how many bytes of it are whole lines, and they are gone afterwards. */
function read(block: Buffer, take: (length: number) => void): void {
  const fd = openSync(path, 'r');
  let kept = 0;
  for (;;) {
    const length = readSync(fd, block, kept, block.length - kept, null);
    if (length === 0) break;
    const end = block.lastIndexOf(newline, kept + length - 1) + 1;
    take(end);
    block.copyWithin(0, end, kept + length);
    kept += length - end;
  }
  closeSync(fd);
}

function countLines(needles: (Question & { kind: 'lines' })['needles']): number {
  const finder = new NeedleFinder(needles, blockBytes);
  let count = 0;
  read(finder.block, (end) => {
    for (let at = finder.find(0, end); at !== -1; at = finder.find(finder.block.indexOf(newline, at) + 1, end)) count++;
  });
  return count;
}

/** Time and status of each line; one that the glance is not sure of is parsed. */
function eachLine(see: (timestamp: number, status: number) => void): void {
  const block = Buffer.allocUnsafeSlow(blockBytes);
  const glance = new NginxGlance();
  const context = { timezone: 'UTC', writtenBefore: Date.now() };
  read(block, (end) => {
    for (let at = 0, lineEnd = 0; at < end; at = lineEnd + 1) {
      lineEnd = block.indexOf(newline, at);
      if (glance.read(block, at, lineEnd)) {
        see(glance.timestamp, glance.status);
        continue;
      }
      const parsed = NGINX_ACCESS.parse(block.toString('utf8', at, lineEnd), context);
      if (parsed?.timestamp) see(parsed.timestamp, Number(parsed.fields.status));
    }
  });
}

function countStatus(from: number): number {
  let count = 0;
  eachLine((_, status) => {
    if (status >= from) count++;
  });
  return count;
}

function countMinutes(): number {
  const counts = new Map<number, number>();
  let [minute, count] = [-1, 0];
  const put = () => counts.set(minute, (counts.get(minute) ?? 0) + count);
  eachLine((timestamp) => {
    const next = Math.floor(timestamp / minuteMs);
    if (next !== minute) {
      if (count > 0) put();
      [minute, count] = [next, 0];
    }
    count++;
  });
  put();
  return counts.size;
}

async function countLast(last: number): Promise<number> {
  const { limits } = defaultConfig();
  const chain = new Chain({ kind: 'rotated', path }, () => true, new Unpacker(join(path, '..', 'unpacked'), limits));
  const { records } = await readPage(
    chain,
    { after: null, before: null, sieve: null, take: { last } },
    { ...limits, begins: null },
  );
  return records.length;
}

async function answer(question: Question): Promise<number> {
  switch (question.kind) {
    case 'lines':
      return countLines(question.needles);
    case 'status':
      return countStatus(question.from);
    case 'minutes':
      return countMinutes();
    case 'last':
      return countLast(question.count);
  }
}

process.on('message', async (question: Question) => process.send?.(await answer(question)));

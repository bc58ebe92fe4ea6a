import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GrowingFile } from '../../src/file/growing.ts';
import { openLog } from '../../src/file/open.ts';
import { Segment } from '../../src/file/segment.ts';
import { temporaryDirectory } from '../support/engine.ts';

const maxRecordBytes = 1000;

async function setUp(content: string) {
  const path = join(await temporaryDirectory(), 'app.log');
  writeFileSync(path, content);
  const segment = Segment.of(path, await openLog(path, () => true));
  onTestFinished(() => segment.close());
  return { path, segment, file: await GrowingFile.at(segment, 0, maxRecordBytes) };
}

/** As a writer does whose file is copied and emptied: what was there is elsewhere, and this is what came after. */
function writeAnew(path: string, content: string): void {
  truncateSync(path);
  appendFileSync(path, content);
}

function read(file: GrowingFile) {
  const lines: string[] = [];
  const outcome = file.read((records) => lines.push(...records.map(({ raw }) => raw)));
  return { outcome, lines };
}

/** Longer than what a log's lines have in common. */
const header = 'Nov 27 04:07:27 host app[12345]: ';

describe('a file that was emptied before anything was read of it', () => {
  test.each([
    ['nothing', ''],
    ['less than before', 'new\n'],
    ['more than before', 'new\n'.repeat(20)],
    ['what begins alike', `${header}new\n`.repeat(20)],
  ])('and in which %s stands now, is known to be', async (_what, content) => {
    const { path, file } = await setUp(`${header}old\n`.repeat(3));
    writeAnew(path, content);
    expect(read(file)).toEqual({ outcome: 'emptied', lines: [] });
  });

  test('is known to be, when it was empty before as well', async () => {
    const { path, segment, file } = await setUp('');
    appendFileSync(path, `${header}old\n`);
    expect(read(file)).toEqual({ outcome: 'begun', lines: [] });
    const beginning = segment.beginningForNow;
    writeAnew(path, `${header}new\n`);
    file.begin(beginning);
    expect(read(file)).toEqual({ outcome: 'emptied', lines: [] });
  });
});

test('a file that was begun, and is as it was, is read', async () => {
  const { path, segment, file } = await setUp('');
  appendFileSync(path, 'one\n');
  expect(read(file)).toEqual({ outcome: 'begun', lines: [] });
  file.begin(segment.beginningForNow);
  appendFileSync(path, 'two\n');
  expect(read(file)).toEqual({ outcome: 'end', lines: ['one', 'two'] });
});

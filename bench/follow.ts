import { spawnSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Report, Stage } from './bench.ts';
import { roundOf } from './follow/line.ts';
import { Reader } from './follow/reader.ts';
import { addResult, ours, type Result } from './follow/result.ts';
import { linesPerRotation, linesPerSecond, type Rotation, Stress } from './follow/stress.ts';
import { Trace } from './follow/trace.ts';
import { stampedLine } from './latency/stamp.ts';
import { rounded } from './sample.ts';
import { type Server, startServer } from './server.ts';

const rotations: Rotation[] = ['rename', 'delete', 'copytruncate'];

export const follow: Bench = {
  name: 'follow',
  about: `Five files of ${linesPerSecond} lines/s, rotated every ${linesPerRotation} lines, beside tail -F and rsyslog.`,
  async run(stage) {
    const sources = rotations.flatMap((rotation) => Stress.files(stage, rotation));
    const server = await startServer(
      stage,
      sources.map((file) => ({ ...file, format: 'JSON_LINES' })),
    );
    const report: Report = { rows: [], goals: [], problems: [] };
    for (const rotation of rotations) addResult(report, await measure(stage, server, rotation));
    return report;
  },
};

/** All follow the same files at the same time. */
async function measure(stage: Stage, server: Server, rotation: Rotation): Promise<Result> {
  const [warmUp, seconds, traced] = stage.length === 'quick' ? [1, 10, 1] : [5, 60, 10];
  const stress = await Stress.start(stage, rotation);
  const { pid } = server;
  const readers = await startReaders(stage, server, stress, pid);
  stage.say(`${rotation}: starting`);
  await untilReady(readers, stress);
  await stress.write('warm', warmUp);

  stage.say(`${rotation}: writing for ${seconds} s`);
  for (const reader of readers) reader.begin('measured');
  const written = await stress.write('measured', seconds);
  const outcomes = await Promise.all(
    readers.map(async (reader) => ({ name: reader.name, outcome: await reader.end(written.count) })),
  );

  stage.say(`${rotation}: writing for ${traced} s more, under strace`);
  const bytesReadPerByte = await traceReads(stage, pid, stress, traced);
  await Promise.all([stress, ...readers].map((one) => one.stop()));
  const lines = written.count * stress.files.length;
  return { rotation, lines, seconds, written, outcomes, bytesReadPerByte };
}

async function startReaders(stage: Stage, server: Server, stress: Stress, pid: number): Promise<Reader[]> {
  const { directory, rotation, files } = stress;
  const paths = files.map(({ path }) => path);
  const ids = await Promise.all(files.map(async ({ name }) => `${name} ${await server.sourceId(name)}`));
  const readers = [
    new Reader(stage, ours, 'tailql', String(server.url), server.authorization, String(pid), ...ids),
    new Reader(stage, 'tail -F', 'tail', ...paths),
  ];
  if (spawnSync('rsyslogd', ['-v']).error !== undefined) stage.say('There is no rsyslogd here: it is left out.');
  else readers.push(new Reader(stage, 'rsyslog imfile', 'rsyslog', `${directory}-rsyslog`, rotation, ...paths));
  return readers;
}

/** What the server reads from the files per byte written to them; null when that cannot be seen here. */
async function traceReads(stage: Stage, pid: number, stress: Stress, seconds: number): Promise<number | null> {
  const trace = await Trace.start(stage, pid, stress.directory);
  if (trace === null) return null;
  const { bytes } = await stress.write('traced', seconds);
  await sleep(500);
  const read = await trace.end();
  // Much less than everything means that it reads by calls that are not traced.
  return read > 0.9 * bytes ? rounded(read / bytes) : null;
}

/** Writes a line to each file every now and then, until all readers get them. */
async function untilReady(readers: Reader[], { files }: Stress): Promise<void> {
  const ready = Promise.all(readers.map((reader) => reader.ready())).then(() => true);
  for (let number = 0; !(await Promise.race([ready, sleep(50, false)])); number++) {
    if (number === 400) throw new Error('A reader gets nothing.');
    for (const { name, path } of files) await appendFile(path, stampedLine(roundOf(name, 'ready'), number));
  }
}

import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Command } from 'commander';
import { parseHead } from '../src/audit/anchor.ts';
import type { Head } from '../src/audit/head.ts';
import { beginning, type Tip } from '../src/audit/link.ts';
import { type ChainProblem, ChainVerifier } from '../src/audit/verifier.ts';
import { OperatorError } from '../src/errors.ts';

interface Options {
  head?: string;
  anchor?: string;
  stream?: string;
}

/** `tailql audit verify FILE…`: needs the files of an audit stream, and neither a server nor a database. */
export function auditCommand(tailql: Command, write: (text: string) => void): void {
  tailql
    .command('audit')
    .description('audit streams, by their files')
    .command('verify')
    .description('say where an audit stream is not what was written; exits with 1 when it is not')
    .argument('<files...>', 'its files, oldest first, also compressed ones (.gz)')
    .option(
      '--head <file>',
      'a head that was kept elsewhere, as JSON: tells whether the end was cut off or written anew',
    )
    .option('--anchor <file>', 'anchor.json of the stream, when its oldest records were removed')
    .option('--stream <id>', 'id of the stream (the name of its directory): tells whether heads were signed for it')
    .action(async (files: string[], options: Options) => {
      process.exitCode = (await verify(files, options, write)) ? 0 : 1;
    });
}

async function verify(files: string[], options: Options, write: (text: string) => void): Promise<boolean> {
  const [head, anchor] = [headIn(options.head), headIn(options.anchor)];
  const tip: Tip = anchor ?? beginning;
  const verifier = new ChainVerifier({ head, log: options.stream ?? null, tip });
  for (const problem of verifier.problems) write(`${options.head}: ${told(problem)}`);
  for (const file of files) {
    let line = 0;
    for await (const { text, isWhole } of linesOf(file)) {
      line += 1;
      // What a server that was killed left: nobody was told that it was written. Of anything else the head tells.
      const problem = isWhole ? verifier.take(text) : null;
      if (!isWhole) write(`${file}:${line}: The file ends within a record, which does not count.\n`);
      if (problem !== null) write(`${file}:${line}: ${told(problem)}`);
    }
  }
  const missing = verifier.end();
  if (missing !== null) write(`${basename(files.at(-1) ?? '')}: ${told(missing)}`);
  const isIntact = verifier.problems.length === 0;
  const { sequence, hash } = verifier.tip;
  write(`${verifier.records} records, ${isIntact ? 'intact' : 'NOT INTACT'}; the last is ${sequence}, ${hash}\n`);
  return isIntact;
}

const told = ({ sequence, message }: ChainProblem): string => `record ${sequence}: ${message}\n`;

/** @throws {OperatorError} when the file cannot be read, or holds no head */
function headIn(file: string | undefined): Head | null {
  if (file === undefined) return null;
  try {
    return parseHead(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'it holds no head';
    throw new OperatorError(`Cannot use ${file} (${reason}); give a head as Source.auditHead answers it, as JSON.`, 2);
  }
}

/**
 * The lines of a file, and at last what stands after them without a line end.
 *
 * @throws {OperatorError} when the file cannot be read
 */
async function* linesOf(file: string): AsyncGenerator<{ text: string; isWhole: boolean }, void, undefined> {
  const bytes = createReadStream(file);
  const text: Readable = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => text.destroy(error));
  let rest = '';
  try {
    for await (const piece of text.setEncoding('utf8')) {
      const lines = `${rest}${piece}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield { text: line, isWhole: true };
    }
  } catch (error) {
    throw new OperatorError(`Cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
  if (rest !== '') yield { text: rest, isWhole: false };
}

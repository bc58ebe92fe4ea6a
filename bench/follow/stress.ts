import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Stage } from '../bench.ts';
import { start, stop } from '../child.ts';
import { stampedLine } from '../latency/stamp.ts';
import { roundOf } from './line.ts';

/** How the files are rotated. */
export type Rotation = 'rename' | 'delete' | 'copytruncate';

/** What a writer is told: write `count` lines to each file. */
export interface Writing {
  stretch: string;
  count: number;
}

const writtenSchema = z.object({ bytes: z.number(), seconds: z.number() });
/** What a writer has done. */
export type Written = z.infer<typeof writtenSchema>;

/** A stretch of writing: `count` lines to each file. */
export interface Stretch extends Written {
  count: number;
  rotations: number;
}

export const linesPerSecond = 500;
export const linesPerRotation = 200;
const fileCount = 5;

/** Files that are written to and rotated, by two processes that know nothing of each other. */
export class Stress {
  readonly rotation: Rotation;
  readonly directory: string;
  /** By name; the name is in each line. */
  readonly files: { name: string; path: string }[];
  readonly #writer: ChildProcess;
  readonly #rotator: ChildProcess;

  private constructor(stage: Stage, rotation: Rotation, writer: ChildProcess, rotator: ChildProcess) {
    this.rotation = rotation;
    this.directory = join(stage.directory, rotation);
    this.files = Stress.files(stage, rotation);
    this.#writer = writer;
    this.#rotator = rotator;
  }

  static files(stage: Stage, rotation: Rotation): Stress['files'] {
    return Array.from({ length: fileCount }, (_, index) => {
      const name = `${rotation}${index + 1}`;
      return { name, path: join(stage.directory, rotation, `${name}.log`) };
    });
  }

  static async start(stage: Stage, rotation: Rotation): Promise<Stress> {
    const paths = Stress.files(stage, rotation).map(({ path }) => path);
    await mkdir(join(stage.directory, rotation));
    for (const path of paths) await writeFile(path, '');
    const bytes = linesPerRotation * Buffer.byteLength(stampedLine(roundOf(`${rotation}1`, 'measured'), 10_000));
    const writer = start(stage, './follow/writer.ts', String(linesPerSecond), ...paths);
    const rotator = start(stage, './follow/rotator.ts', rotation, String(bytes), ...paths);
    return new Stress(stage, rotation, writer, rotator);
  }

  /** Writes for so many seconds; resolves when everything is written. */
  async write(stretch: string, seconds: number): Promise<Stretch> {
    const count = linesPerSecond * seconds;
    const before = await this.#rotations();
    const written = writtenSchema.parse(await ask(this.#writer, { stretch, count } satisfies Writing));
    return { ...written, count, rotations: (await this.#rotations()) - before };
  }

  async stop(): Promise<void> {
    await Promise.all([stop(this.#writer), stop(this.#rotator)]);
  }

  async #rotations(): Promise<number> {
    return z.number().parse(await ask(this.#rotator, 'count'));
  }
}

/** Sends a message to a process of ours, and gives its answer; throws when it ends instead. */
export async function ask(child: ChildProcess, message: object | string): Promise<unknown> {
  child.send(message);
  return answer(child);
}

/** The next message of a process of ours; throws when it ends instead. */
export async function answer(child: ChildProcess): Promise<unknown> {
  const done = new AbortController();
  const { signal } = done;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('A process of the bench ended too early; what it says is above.');
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    done.abort();
  }
}

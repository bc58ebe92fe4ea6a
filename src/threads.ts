import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Piscina } from 'piscina';

/** Time (ms) for which a thread that has nothing to do is kept: starting one takes some tens of milliseconds. */
const idleMs = 30_000;

/** Where the program of a thread is: beside the module that starts it, in the sources; and in the bundle, where all are. */
export interface ThreadProgram {
  /** `import.meta.url` of that module. */
  from: string;
  source: string;
  bundled: string;
}

/** Threads that are started when there is work for them: most servers never need some of them. */
export async function startThreads(
  { from, source, bundled }: ThreadProgram,
  { most, youngMb }: { most: number; youngMb?: number },
): Promise<Piscina> {
  const isSource = from.endsWith('.ts');
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: fileURLToPath(new URL(isSource ? source : bundled, from)),
    execArgv: isSource ? ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href] : [],
    minThreads: 0,
    maxThreads: most,
    idleTimeout: idleMs,
    ...(youngMb !== undefined && { resourceLimits: { maxYoungGenerationSizeMb: youngMb } }),
  });
}

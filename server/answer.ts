import type { ExecutionResult } from 'graphql';
import { SharedText } from './frame.ts';

/** An answer to an operation: as it is executed, or written already. */
export type Answer = ExecutionResult | WrittenAnswer;

/** An answer as the JSON text that is sent; it has no errors. Many may get the same one. */
export class WrittenAnswer {
  readonly json: string;
  #ending: SharedText | null = null;

  constructor(json: string) {
    this.json = json;
  }

  /** It, and the end of the message that it is the last field of. */
  get ending(): SharedText {
    this.#ending ??= new SharedText(`${this.json}}`);
    return this.#ending;
  }

  /** Yoga calls this, with the answer, instead of JSON.stringify: for server-sent events. */
  stringify({ json }: WrittenAnswer): string {
    return json;
  }
}

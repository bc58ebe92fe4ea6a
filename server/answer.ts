import type { ExecutionResult } from 'graphql';

/** An answer to an operation: as it is executed, or written already. */
export type Answer = ExecutionResult | WrittenAnswer;

/** An answer as the JSON text that is sent; it has no errors. */
export class WrittenAnswer {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }

  /** Yoga calls this, with the answer, instead of JSON.stringify: for server-sent events. */
  stringify({ json }: WrittenAnswer): string {
    return json;
  }
}

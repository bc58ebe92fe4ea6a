import type { SqlValue } from '../db/sql.ts';

/** The values of a statement while its text is put together: `${parameters.add(5)}` writes `$1`. */
export class Parameters {
  readonly values: SqlValue[] = [];

  add(value: SqlValue): `$${number}` {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

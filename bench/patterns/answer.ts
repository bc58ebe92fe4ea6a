import { patternOf } from '../../src/filter/pattern.ts';

/** Compiles a regular expression and asks it once, in a process that has done neither before; tells how many ms it took. */
const [expression = '', mostSize = '', record = ''] = process.argv.slice(2);
const start = performance.now();
const { pattern } = patternOf(expression, Number(mostSize));
const compiled = performance.now();
pattern?.matches({ raw: record, parsed: { timestamp: null, level: 'UNKNOWN', message: record, fields: {} } });
const end = performance.now();
process.send?.({ compileMs: compiled - start, matchMs: end - compiled });

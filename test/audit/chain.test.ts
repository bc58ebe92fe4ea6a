import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadSigner, isSigned } from '../../src/audit/head.ts';
import { beginning, sealed, type Tip } from '../../src/audit/link.ts';
import { ChainVerifier } from '../../src/audit/verifier.ts';

const log = 'the-stream';
const signer = new HeadSigner(generateKeyPairSync('ed25519').privateKey);

/** A chain of records, written in batches, and where it ended after each record. */
function chainOf(batches: string[][], from: Tip = beginning): { lines: string[]; tips: Tip[] } {
  const lines: string[] = [];
  const tips: Tip[] = [];
  let tip = from;
  for (const batch of batches) {
    const done = sealed(Buffer.from(batch.map((message) => `${JSON.stringify({ message })}\n`).join('')), tip);
    lines.push(...done.lines.toString().split('\n').slice(0, -1));
    tip = done.tip;
  }
  let before = from;
  for (const [index, message] of batches.flat().entries()) {
    before = sealed(Buffer.from(`${JSON.stringify({ message })}\n`), before).tip;
    tips[index] = before;
  }
  return { lines, tips };
}

function verify(
  lines: string[],
  { head = null, tip = beginning }: { head?: ReturnType<HeadSigner['sign']> | null; tip?: Tip } = {},
) {
  const verifier = new ChainVerifier({ head, log, tip });
  for (const line of lines) verifier.take(line);
  verifier.end();
  return verifier;
}

const message = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text).toString());
const batches = fc.array(fc.array(message, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });

describe('a chain', () => {
  test('that nobody touched is intact, however it was written', () => {
    fc.assert(
      fc.property(batches, (written) => {
        const { lines, tips } = chainOf(written);
        const found = verify(lines, { head: signer.sign(tips.at(-1) ?? beginning, log) });
        expect(found.problems).toEqual([]);
        expect(found.tip).toEqual(tips.at(-1));
        expect(found.records).toBe(lines.length);
      }),
    );
  });

  const tampering = fc.record({
    how: fc.constantFrom('edit', 'delete', 'insert', 'swap', 'duplicate', 'replace the link'),
    at: fc.nat(),
    text: message,
  });

  test('in which anything was changed, removed, put in or moved before its last record is found out, where it is', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 3, maxLength: 30 }), tampering, (written, { how, at, text }) => {
        const { lines } = chainOf([written]);
        // What nothing comes after, nothing vouches for.
        const index = at % (lines.length - 2);
        const [own = '', next = ''] = lines.slice(index, index + 2);
        const changed = [...lines];
        const edited = own.replace(/^\{"message":"(?:[^"\\]|\\.)*"/, () => `{"message":${JSON.stringify(text)}`);
        if (how === 'edit') changed[index] = edited;
        else if (how === 'delete') changed.splice(index, 1);
        else if (how === 'insert') changed.splice(index, 0, JSON.stringify({ message: text }));
        else if (how === 'swap') [changed[index], changed[index + 1]] = [next, own];
        else if (how === 'duplicate') changed.splice(index, 0, own);
        else
          changed[index] = own.replace(
            /"previous":"./,
            (start) => start.slice(0, -1) + (start.endsWith('0') ? '1' : '0'),
          );
        fc.pre(changed.join('\n') !== lines.join('\n'));
        const { problems } = verify(changed);
        expect(problems.length).toBeGreaterThan(0);
        const [first] = problems;
        expect(Math.abs((first?.sequence ?? -9) - (index + 1))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test('that was cut off, and written on after that, or is an older copy, is found out by a head that was kept', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 20 }), fc.nat(), message, (written, at, text) => {
        const { lines, tips } = chainOf([written]);
        const head = signer.sign(tips.at(-1) ?? beginning, log);
        const kept = at % (lines.length - 1);
        const cut = lines.slice(0, kept);
        expect(verify(cut).problems).toEqual([]);
        expect(verify(cut, { head }).problems).toMatchObject([{ sequence: kept + 1 }]);
        // As long as it was, and longer.
        const resumed = chainOf(
          [Array.from({ length: lines.length - kept + 3 }, () => `${text}!`)],
          tips[kept - 1] ?? beginning,
        );
        const other = [...cut, ...resumed.lines];
        expect(verify(other).problems).toEqual([]);
        expect(verify(other, { head }).problems).toMatchObject([{ sequence: lines.length }]);
      }),
    );
  });

  test('of which the last record was changed is found out by a head that was kept', () => {
    const { lines, tips } = chainOf([['a', 'b', 'c']]);
    const changed = [...lines.slice(0, -1), (lines.at(-1) ?? '').replace('"c"', '"x"')];
    expect(verify(changed).problems).toEqual([]);
    expect(verify(changed, { head: signer.sign(tips[2] ?? beginning, log) }).problems).toMatchObject([{ sequence: 3 }]);
  });

  test('whose oldest records are gone is intact after the anchor that vouches for them, and after nothing else', () => {
    const { lines, tips } = chainOf([['a', 'b', 'c', 'd']]);
    expect(verify(lines.slice(2), { tip: tips[1] ?? beginning }).problems).toEqual([]);
    expect(verify(lines.slice(2)).problems).toMatchObject([{ sequence: 1 }]);
    expect(verify(lines.slice(2), { tip: tips[0] ?? beginning }).problems).toMatchObject([{ sequence: 2 }]);
    expect(verify(lines.slice(2), { tip: { sequence: 2, hash: '1'.repeat(64) } }).problems).toMatchObject([
      { sequence: 2 },
    ]);
  });
});

test('a head is good for what was signed, and for the stream that it was signed for', () => {
  const head = signer.sign({ sequence: 7, hash: 'a'.repeat(64) }, log, new Date('2026-11-26T00:00:00Z'));
  expect(isSigned(head, log)).toBe(true);
  expect(isSigned(head, 'another')).toBe(false);
  const other = new HeadSigner(generateKeyPairSync('ed25519').privateKey);
  for (const changed of [
    { sequence: 8 },
    { hash: 'b'.repeat(64) },
    { signedAt: '2026-11-26T00:00:01.000Z' },
    { signature: 'AAAA' },
    { publicKey: other.publicKey },
    { publicKey: 'nonsense' },
  ]) {
    expect(isSigned({ ...head, ...changed }, log)).toBe(false);
  }
});

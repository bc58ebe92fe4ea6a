import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { anonymous, type Principal } from '../../src/access/principal.ts';
import {
  ConflictError,
  InsufficientTokenError,
  InvalidInputError,
  LimitReachedError,
  UnauthenticatedError,
} from '../../src/errors.ts';
import { openActions, reported, type TestActions } from '../support/actions.ts';
import { databaseUrls } from '../support/databases.ts';
import { administrator } from '../support/engine.ts';

const newest = ({ actions }: TestActions, last = 100) =>
  actions.page(administrator, {
    filter: null,
    order: { field: 'RECORDED', direction: 'ASC' },
    take: { last },
    after: null,
    before: null,
  });

describe.each(databaseUrls())('recording on %s', (_kind, freshUrl) => {
  test('keeps what a service reports, in the order in which it does', async () => {
    const log = await openActions(await freshUrl());
    const before = Date.now();
    const recorded = await log.actions.record(
      administrator,
      [
        reported({ timestamp: '2026-11-21T10:50:54.123Z', durationMs: 0.0004, metadata: { a: [1, 'ü'] } }),
        reported({ status: 'FAILED', error: 'Nothing\0 \ud800works', durationMs: 1234.5678 }),
      ],
      null,
    );
    expect(recorded).toMatchObject([
      {
        id: 1,
        timestamp: Date.parse('2026-11-21T10:50:54.123Z'),
        durationUs: 0,
        error: null,
        metadata: '{"a":[1,"ü"]}',
      },
      { id: 2, durationUs: 1_234_568, error: 'Nothing\ufffd \ufffdworks', metadata: null },
    ]);
    expect(recorded[1]?.series).toMatchObject({ service: 'shop', action: 'pay', status: 'FAILED' });
    expect(recorded[1]?.timestamp).toBe(recorded[1]?.recordedAt);
    expect(recorded[1]?.recordedAt).toBeGreaterThanOrEqual(before);
    expect((await newest(log)).actions.map(({ action }) => action)).toEqual(recorded);
    expect(await log.actions.find(administrator, '2')).toEqual(recorded[1]);
    expect(await log.actions.find(administrator, '3')).toBeNull();
    expect(await log.actions.find(administrator, 'x')).toBeNull();
  });

  test('values of secret keys are not kept, at any depth', async () => {
    const { actions } = await openActions(await freshUrl(), { actions: { redactedKeys: ['PIN', 'token'] } });
    const metadata = { user: 'ada', Pin: 1234, nested: [{ accessToken: { a: 1 }, other: null }] };
    const [action] = await actions.record(administrator, [reported({ metadata })], null);
    expect(JSON.parse(action?.metadata ?? '')).toEqual({
      user: 'ada',
      Pin: '[redacted]',
      nested: [{ accessToken: '[redacted]', other: null }],
    });
  });

  test('of a long error the beginning is kept', async () => {
    const { actions } = await openActions(await freshUrl(), { limits: { maxActionErrorLength: 10 } });
    const [action] = await actions.record(administrator, [reported({ error: '0123456789abc' })], null);
    expect(action?.error).toBe('0123456789');
  });

  test.each([
    ['service', reported({ service: '' }), 'INVALID_NAME'],
    ['service', reported({ service: 'a\nb' }), 'INVALID_NAME'],
    ['action', reported({ action: 'x'.repeat(201) }), 'INVALID_NAME'],
    ['status', reported({ status: 'OK' }), 'UNKNOWN_STATUS'],
    ['durationMs', reported({ durationMs: -1 }), 'OUT_OF_RANGE'],
    ['durationMs', reported({ durationMs: Number.NaN }), 'OUT_OF_RANGE'],
    ['durationMs', reported({ durationMs: Number.POSITIVE_INFINITY }), 'OUT_OF_RANGE'],
    ['timestamp', reported({ timestamp: 'yesterday' }), 'MALFORMED'],
    ['timestamp', reported({ timestamp: '1969-12-31T23:59:59Z' }), 'OUT_OF_RANGE'],
    ['timestamp', reported({ timestamp: '9999-01-01T00:00:00Z' }), 'OUT_OF_RANGE'],
    ['metadata', reported({ metadata: { a: 'x'.repeat(5000) } }), 'TOO_LONG'],
    ['duration', reported({ duration: 1 }), 'UNKNOWN'],
  ])('refuses a wrong %s, and with it all of the call', async (name, report, code) => {
    const log = await openActions(await freshUrl());
    const recording = log.actions.record(administrator, [reported(), report], null);
    await expect(recording).rejects.toBeInstanceOf(InvalidInputError);
    await expect(recording).rejects.toMatchObject({ problems: [{ path: ['actions', '1', name], code }] });
    expect((await newest(log)).actions).toEqual([]);
  });

  test('takes as many at once as the limit says, and at least one', async () => {
    const { actions } = await openActions(await freshUrl(), { limits: { maxBatchWrite: 3 } });
    expect(await actions.record(administrator, Array(3).fill(reported()), null)).toHaveLength(3);
    await expect(actions.record(administrator, Array(4).fill(reported()), null)).rejects.toThrow(/1 to 3 actions/);
    await expect(actions.record(administrator, [], null)).rejects.toThrow(/1 to 3 actions/);
  });

  test('new combinations of names are refused when there are too many, known ones are not', async () => {
    const { actions } = await openActions(await freshUrl(), { limits: { maxActionSeries: 2 } });
    await actions.record(administrator, [reported(), reported({ status: 'FAILED' })], null);
    await expect(actions.record(administrator, [reported({ action: 'order 4711' })], null)).rejects.toThrow(
      LimitReachedError,
    );
    expect(await actions.record(administrator, [reported()], null)).toHaveLength(1);
  });

  test('many calls at once are recorded each as a whole, one after the other', async () => {
    const log = await openActions(await freshUrl());
    const calls = Array.from({ length: 60 }, (_, call) =>
      log.actions.record(administrator, Array(7).fill(reported({ action: `a${call % 5}`, metadata: { call } })), null),
    );
    const recorded = (await Promise.all(calls)).flat();
    expect(recorded.map(({ id }) => id)).toEqual(Array.from({ length: 420 }, (_, index) => index + 1));
    expect((await newest(log, 500)).actions.map(({ action }) => action)).toEqual(recorded);
  });

  test('50 racing calls with one key have one effect and equal answers; other actions under it are a conflict', async () => {
    const log = await openActions(await freshUrl());
    const key = randomUUID();
    const call = () => log.actions.record(administrator, [reported(), reported({ action: 'refund' })], key);
    const answers = await Promise.all(Array.from({ length: 50 }, call));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await newest(log)).actions).toHaveLength(2);
    expect(await call()).toEqual(answers[0]);
    await expect(log.actions.record(administrator, [reported({ durationMs: 13 })], key)).rejects.toThrow(ConflictError);
    const other: Principal = administrator.kind === 'user' ? { ...administrator, userId: randomUUID() } : anonymous;
    expect(await log.actions.record(other, [reported({ durationMs: 13 })], key)).toHaveLength(1);
  });

  test('a key is good for two logs over one database', async () => {
    const url = await freshUrl();
    const [one, other] = [await openActions(url), await openActions(url)];
    const calls = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? one : other).actions.record(administrator, [reported({ action: 'x' })], 'key'),
    );
    const answers = await Promise.all(calls);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await newest(one)).actions).toHaveLength(1);
  });

  test('two writers number their actions in one sequence, in which times do not go back', async () => {
    const url = await freshUrl();
    const logs = [await openActions(url), await openActions(url)];
    await Promise.all(
      Array.from({ length: 40 }, (_, call) =>
        logs[call % 2]?.actions.record(administrator, Array(5).fill(reported({ action: `a${call % 7}` })), null),
      ),
    );
    const all = (await newest(logs[0] ?? (await openActions(url)), 300)).actions.map(({ action }) => action);
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    const times = all.map(({ recordedAt }) => recordedAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const log of logs) {
      const { tally, actions } = await log.actions.stats(administrator, null, 60).totals();
      expect(tally.total).toBe(200);
      expect(actions).toHaveLength(7);
    }
  });

  test('who may: a credential for writing writes, one for reading reads', async () => {
    const { actions } = await openActions(await freshUrl());
    if (administrator.kind !== 'user') throw new Error('The administrator is somebody.');
    const reader: Principal = { ...administrator, credential: 'api-token', scopes: new Set(['ACTIONS_READ']) };
    const writer: Principal = { ...administrator, credential: 'api-token', scopes: new Set(['ACTIONS_WRITE']) };
    await expect(actions.record(reader, [reported()], null)).rejects.toThrow(InsufficientTokenError);
    await expect(actions.record(anonymous, [reported()], null)).rejects.toThrow(UnauthenticatedError);
    await actions.record(writer, [reported()], null);
    await expect(actions.find(writer, '1')).rejects.toThrow(InsufficientTokenError);
    expect(await actions.find(reader, '1')).not.toBeNull();
    for (const principal of [reader, writer]) {
      await expect(actions.upkeep.clear(principal, { before: new Date(), archive: false })).rejects.toThrow(
        InsufficientTokenError,
      );
      await expect(actions.upkeep.archive(principal, new Date())).rejects.toThrow(InsufficientTokenError);
      await expect(actions.upkeep.delete(principal, 'x')).rejects.toThrow(InsufficientTokenError);
    }
  });
});

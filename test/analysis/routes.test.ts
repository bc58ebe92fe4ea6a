import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Routes } from '../../src/analysis/routes.ts';

const count = (routes: Routes, method: string, path: string, status = 200, times = 1) => {
  routes.makeRoom();
  routes.tallyAt(routes.nodeOf(method, path), status).count += times;
};

/** Templates of requests for these paths, each asked for three times unless told otherwise. */
const templatesOf = (paths: readonly string[], times = 3): string[] => {
  const routes = new Routes();
  for (const path of paths) count(routes, 'GET', path, 200, times);
  return routes
    .templates()
    .map(([template]) => template)
    .sort();
};

const words = (number: number) =>
  Array.from(
    { length: number },
    (_, index) => `${String.fromCharCode(97 + (index % 26), 97 + (index % 17))}-${'z'.repeat(1 + (index % 40))}`,
  );

test.each([
  [
    'numbers, ids and addresses',
    ['/users/1', '/users/22/cart', '/by/3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
    ['/by/<*>', '/users/<*>', '/users/<*>/cart'],
  ],
  ['nothing of a few names', ['/', '/about', '/api/v1/items'], ['/', '/about', '/api/v1/items']],
  ['the number of a name', ['/order-17', '/order-18', '/assets/app.3f2a1c.js'], ['/assets/app.<*>', '/order-<*>']],
  ['names of which there are many, each seldom', words(300).map((word) => `/blog/${word}`), ['/blog/<*>']],
  ['what comes after twelve parts', [`/${'a/'.repeat(30)}b`], [`${'/a'.repeat(11)}/<*>`]],
])('of a path are values: %s', (_, paths, expected) => {
  expect(templatesOf(paths)).toEqual(expected.map((path) => `GET ${path} 200`));
});

test('a name that is asked for often stays a name beside values', () => {
  const routes = new Routes();
  for (const word of words(300)) count(routes, 'GET', `/blog/${word}`);
  count(routes, 'GET', '/blog/feed', 200, 100);
  count(routes, 'GET', '/blog/feed', 304, 50);
  expect(routes.templates().map(([template, { count }]) => [template, count])).toEqual([
    ['GET /blog/feed 200', 100],
    ['GET /blog/feed 304', 50],
    ['GET /blog/<*> 200', 300],
  ]);
});

const part = fc.oneof(fc.constantFrom('', 'a', 'b', '7', '..', '<*>'), fc.string({ maxLength: 6 }), fc.uuid());
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'X'),
  path: fc.array(part, { maxLength: 20 }).map((parts) => `/${parts.join('/')}`),
  status: fc.constantFrom(200, 404, 500),
});

test('each request is found under one template, and none is lost, however they were put together', () => {
  fc.assert(
    fc.property(fc.array(fc.array(request, { maxLength: 60, size: 'max' }), { maxLength: 4 }), (groups) => {
      const all = new Routes();
      for (const group of groups) {
        const routes = new Routes();
        for (const { method, path, status } of group) count(routes, method, path, status);
        all.add(structuredClone(routes.root));
      }
      const templates = new Map(all.templates().map(([template, tally]) => [tally, template]));
      expect(new Set(templates.values()).size).toBe(templates.size);
      const counts = new Map<string, number>();
      for (const { method, path, status } of groups.flat()) {
        const tally = all.find(method, path, status);
        const template = tally && templates.get(tally);
        expect(template).toMatch(new RegExp(` ${status}$`));
        counts.set(`${template}`, (counts.get(`${template}`) ?? 0) + 1);
      }
      for (const [tally, template] of templates) expect(counts.get(template)).toBe(tally.count);
    }),
  );
});

test.each([
  [
    'a path of its own for each',
    (index: number) => `/${index.toString(36).replace(/\d/g, 'x')}q${'abcdefgh'[index % 8]}/`,
  ],
  [
    'ten names at each place',
    (index: number) =>
      `/${[...String(index * 7919).padStart(9, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('/')}`,
  ],
  ['a method for each', (index: number) => `/a ${index}`],
])('stays small, and loses no request, with %s', (kind, pathOf) => {
  const routes = new Routes();
  const requests = 50_000;
  let most = 0;
  for (let index = 0; index < requests; index++) {
    const [path = '', method] = pathOf(index).split(' ');
    const name = method === undefined ? 'GET' : `M${'ABCDEFGHIJ'[index % 10]}${'_'.repeat(index % 997)}`;
    count(routes, name, path, 100 + (index % 900));
    if (index % 1000 === 0) most = Math.max(most, sizeOf(routes));
  }
  expect(most, kind).toBeLessThanOrEqual(20_000);
  expect(routes.templates().reduce((sum, [, tally]) => sum + tally.count, 0)).toBe(requests);
});

function sizeOf({ root }: Routes): number {
  const count = ({ children, tallies }: typeof root): number =>
    [...children.values()].reduce((sum, child) => sum + count(child), tallies.size);
  return count(root);
}

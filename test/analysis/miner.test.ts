import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mine } from '../../src/analysis/miner.ts';
import { shapeOf } from '../../src/analysis/shape.ts';

/** The templates of messages, each once, in alphabetical order. */
const templatesOf = (messages: readonly string[]): string[] => {
  const shapes = [...new Set(messages.map(shapeOf))].map((shape) => ({ shape, count: 1 }));
  return [...new Set(mine(shapes))].sort();
};

const flat = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Whether a text is what a template says, with anything where it has a wildcard. */
const fits = (text: string, template: string): boolean => {
  const [first = '', ...others] = flat(template).split('<*>');
  const subject = flat(text);
  if (others.length === 0) return subject === first;
  const last = others.pop() ?? '';
  if (!subject.startsWith(first) || !subject.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = subject.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at + last.length <= subject.length;
};

const names = ['ann', 'bob', 'carla', 'dora', 'emil', 'frida', 'gus', 'hal', 'ida', 'jon', 'kim', 'lea'];
const forNames = (message: (name: string) => string) => names.map(message);

describe('Templates', () => {
  it.each<[string, string[], string[]]>([
    ['one for a name of many', forNames((name) => `user ${name} logged in`), ['user <*> logged in']],
    [
      'one for a name of many beside another value',
      names.flatMap((name) => [`user ${name} comes from host-${name}`, `user ${name} comes from 10.0.0.1`]),
      ['user <*> comes from <*>'],
    ],
    ['two for two words', ['link is up', 'link is down'], ['link is down', 'link is up']],
    [
      'as many as there are states',
      ['NEW', 'RUNNING', 'FAILED', 'KILLED'].map((state) => `task 17 went to ${state}`),
      ['FAILED', 'KILLED', 'NEW', 'RUNNING'].map((state) => `task <*> went to ${state}`),
    ],
    [
      'as many as there are things that happened',
      ['started', 'stopped', 'paused', 'resumed'].map((verb) => `worker 12 ${verb} (by hand)`),
      ['paused', 'resumed', 'started', 'stopped'].map((verb) => `worker <*> ${verb} (by hand)`),
    ],
    [
      'as many as there are functions',
      ['onStart called', 'onStop called', 'onPause called'],
      ['onPause called', 'onStart called', 'onStop called'],
    ],
    ['one for two numbers of a name', ['link eth0 is up', 'link eth1 is up'], ['link <*> is up']],
    [
      'two for two kinds of numbered names',
      ['disk_17 is ready', 'tape_12 is ready'],
      ['disk_<*> is ready', 'tape_<*> is ready'],
    ],
    ['one for two values after =', ['ok user=root', 'ok user=ann'], ['ok user=<*>']],
    [
      'two for yes and no after =',
      ['done with force=true', 'done with force=false'],
      ['done with force=false', 'done with force=true'],
    ],
    ['one for lists of any length', ['nodes 17 lost', 'nodes 17, 18, 20 lost'], ['nodes <*> lost']],
    ['one for sizes in any unit', ['used 93.5 KB of disk', 'used 12 MB of disk'], ['used <*> of disk']],
    [
      'one for a size that is said twice',
      ['closed after 17 bytes sent', 'closed after 18846 bytes (18.4 KB) sent'],
      ['closed after <*> bytes<*> sent'],
    ],
    [
      'one for a name of several words',
      [...forNames((name) => `unknown user ${name} on port 22`), 'unknown user john of smith on port 22'],
      ['unknown user <*> on port <*>'],
    ],
    ['one for a name and an address', ['resolved 10.0.0.1 to rack', 'resolved gate to rack'], ['resolved <*> to rack']],
    [
      'two for the message with and without a part',
      ['login failed for 10.0.0.1', 'login failed for 10.0.0.1 user=ann'],
      ['login failed for <*>', 'login failed for <*> user=ann'],
    ],
    [
      'one for each of several messages that are alike in form only',
      ['failed to open file', 'failed to read header', 'failed to parse config'],
      ['failed to open file', 'failed to parse config', 'failed to read header'],
    ],
    ['one for each place of a blank', ['user "ann', 'user" ann'], ['user "ann', 'user" ann']],
    [
      'one for dates',
      ['booted Mon Jun 2 10:00:00 2025 by hand', 'booted Tue Jul 15 11:00:01 2025 by hand'],
      ['booted <*> by hand'],
    ],
  ])('are %s', (_, messages, templates) => {
    expect(templatesOf(messages)).toEqual(templates);
  });

  const word = fc.constantFrom(
    'open',
    'close',
    'user',
    'ann',
    'bob',
    'eve',
    '17',
    'blk_123',
    'a.b.c',
    'OK',
    'true',
    'x=1',
  );
  const mark = fc.constantFrom(' ', ' ', ' ', '  ', '=', ': ', ', ', ' (', ') ', ' "', '" ', '...', '. ', '<', ' < ');
  const message = fc.array(fc.tuple(word, mark), { maxLength: 8 }).map((parts) => parts.flat().join(''));
  const messages = fc.array(fc.oneof(message, fc.string({ maxLength: 30 })), { maxLength: 60 });
  const counted = messages.map((all) =>
    [...new Set(all.map(shapeOf))].map((shape, at) => ({ shape, count: 1 + (at % 5) })),
  );

  it('fit the shapes that they are of', () => {
    fc.assert(
      fc.property(counted, (shapes) => {
        for (const [index, template] of mine(shapes).entries()) {
          const { shape = '' } = shapes[index] ?? {};
          if (!fits(shape, template)) throw new Error(`${JSON.stringify(template)} for ${JSON.stringify(shape)}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('do not depend on the order of the shapes', () => {
    fc.assert(
      fc.property(counted, fc.infiniteStream(fc.nat()), (shapes, keys) => {
        const shuffled = shapes
          .map((one) => ({ one, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const templates = new Map(mine(shuffled).map((template, index) => [shuffled[index]?.shape, template]));
        expect(shapes.map(({ shape }) => templates.get(shape))).toEqual(mine(shapes));
      }),
      { numRuns: 200 },
    );
  });

  it('of no shapes are none', () => {
    expect(mine([])).toEqual([]);
  });
});

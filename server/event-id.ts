import type { ExecutionResult } from 'graphql';
import { WrittenAnswer } from './answer.ts';

/** What a cursor may look like: never a line break, which would end the id. */
const pattern = /^[\w-]{1,4096}$/;

/** Yoga calls `stringify`, where there is one, instead of JSON.stringify. */
type SerializedResult = ExecutionResult & { stringify?: () => string };

/**
 * An answer as it goes into a server-sent event: with its `cursor`, where the operation asks for that, as the id of the
 * event. A browser's EventSource sends the last one as `Last-Event-ID` when it connects again.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function withEventId(answer: ExecutionResult): SerializedResult {
  if (answer.errors !== undefined) return answer;
  const json = answer instanceof WrittenAnswer ? answer.json : JSON.stringify(answer);
  const id = cursorIn(answer instanceof WrittenAnswer ? JSON.parse(json).data : answer.data);
  // It stands behind `data: `, and fields of an event may be in any order.
  return id === null ? answer : { stringify: () => `${json}\nid: ${id}` };
}

/** A subscription has one field. */
function cursorIn(data: unknown): string | null {
  const [event] = typeof data === 'object' && data !== null ? Object.values(data) : [];
  if (typeof event !== 'object' || event === null || !('cursor' in event)) return null;
  const { cursor } = event;
  return typeof cursor === 'string' && pattern.test(cursor) ? cursor : null;
}

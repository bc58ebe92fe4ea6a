import { randomFillSync } from 'node:crypto';

const random = Buffer.alloc(10);
let last = 0;
let count = 0;

/**
 * A UUID of version 7 (RFC 9562, section 5.7): ids in the order in which one process made them, as Prisma's `uuid(7)`
 * makes them, for rows that do not come from Prisma. The 12 bits after the time count those of one millisecond
 * (section 6.2, method 1); when they are used up, the time runs ahead.
 */
export function uuid7(): string {
  const now = Date.now();
  if (now > last) [last, count] = [now, 0];
  else if (++count > 0xfff) [last, count] = [last + 1, 0];
  randomFillSync(random);
  const time = last.toString(16).padStart(12, '0');
  const variant = (0x80 | ((random[0] ?? 0) & 0x3f)).toString(16);
  const rest = random.toString('hex', 1, 8);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}-${variant}${rest.slice(0, 2)}-${rest.slice(2)}`;
}

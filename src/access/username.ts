import type { InputProblem } from '../errors.ts';
import { builtInName } from './administrator.ts';

/**
 * A name as it is kept and compared: in lower case, so that `Ada` and `ada` are one person, whatever the database thinks
 * of case. Only ASCII is allowed, in which no two names look alike but differ.
 */
export const foldedUsername = (name: string): string => name.trim().toLowerCase();

const longest = 64;

export const isUsername = (folded: string): boolean =>
  folded.length <= longest && /^[a-z0-9][a-z0-9._@+-]*$/.test(folded);

/** What is wrong with a folded name that somebody chooses; null: nothing. */
export function usernameProblem(folded: string, path: string[]): InputProblem | null {
  if (!isUsername(folded)) {
    const message = `Choose a name of 1 to ${longest} letters a-z, digits and . _ @ + -, beginning with a letter or digit.`;
    return { path, message, code: 'INVALID_NAME' };
  }
  if (folded === builtInName) {
    return { path, message: 'Choose another name; this one is kept for the server.', code: 'RESERVED_NAME' };
  }
  return null;
}

/** What is wrong with an address, as far as can be told without writing to it. RFC 5321, section 4.5.3.1.3: 254 bytes. */
export function emailProblem(email: string, path: string[]): InputProblem | null {
  if (email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) return null;
  return { path, message: 'Give an address such as ada@example.com, or none.', code: 'INVALID_EMAIL' };
}

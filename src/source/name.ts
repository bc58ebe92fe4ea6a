/** Control characters, which no name has, in place of what LIKE takes for wildcards or escapes. */
const literals: Record<string, string> = { '%': '\u0001', _: '\u0002', '\\': '\u0003' };

/**
 * A name as searches compare it: without regard to case or to how its characters are composed, and with nothing in it
 * that a database takes for a wildcard. Kept beside the name, because the databases differ in all of that: SQLite folds
 * ASCII only and cannot escape wildcards, PostgreSQL goes by its locale.
 */
export const foldedName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[%_\\]/g, (character) => literals[character] ?? '');

import { type BinaryLike, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { InputProblem } from '../errors.ts';
import { Queue } from './queue.ts';

/**
 * What hashing a password costs: 32 MiB (128 * N * r) and about a quarter of a second, for us once a sign-in, for
 * whoever has stolen the hashes once a guess. Three passes, because with less memory for each they make up for the
 * 128 MiB of one, and 128 MiB for a request is more than a small machine has. OWASP, Password Storage Cheat Sheet.
 */
const cost: Cost = { ln: 15, r: 8, p: 3 };

/** Hashes that are not ours must not take all memory: twice what ours take. */
const maxmem = 64 * 1024 * 1024;

const saltBytes = 16;
const hashBytes = 32;

/**
 * Hashing runs on the four threads of Node that also read files: two are left to those, whoever signs in. Whoever is last
 * of those who wait does so for about two seconds.
 */
const limits = { atOnce: 2, waiting: 16 };

/** Characters (UTF-16 units). NIST SP 800-63B, section 5.1.1: no shorter than 8; nothing is said of what is in it. */
const shortest = 8;
/** Far more than anybody types; a longer one is no password, and is not hashed. */
const longest = 1000;

/** Logarithm of N to base 2, block size and passes. RFC 7914, section 2. */
interface Cost {
  ln: number;
  r: number;
  p: number;
}

interface Hash extends Cost {
  salt: Buffer;
  hash: Buffer;
}

/** What is wrong with a password that somebody chooses; null: nothing. */
export function passwordProblem(password: string, path: string[]): InputProblem | null {
  if (password.length < shortest) {
    return { path, message: `Choose a password of at least ${shortest} characters.`, code: 'TOO_SHORT' };
  }
  if (password.length > longest) {
    return { path, message: `Choose a password of at most ${longest} characters.`, code: 'TOO_LONG' };
  }
  return null;
}

/** Hashes passwords with scrypt (RFC 7914), and compares them, two at a time. */
export class Passwords {
  readonly #queue = new Queue(limits);
  /** Of no password: compared with where there is no user, so that it takes as long. */
  readonly #nobodys = format({ ...cost, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) });

  /** @throws {LimitReachedError} when too many hashes are waited for */
  checkRoom(): void {
    this.#queue.checkRoom();
  }

  /**
   * As text in PHC form, `$scrypt$ln=15,r=8,p=3$SALT$HASH`, which says all that is needed to compare.
   * https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
   *
   * @throws {LimitReachedError} when too many hashes are waited for
   */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    return format({ ...cost, salt, hash: await this.#derive(password, salt, hashBytes, cost) });
  }

  /**
   * Whether a password is the one that was hashed. Takes the same time when nothing was.
   *
   * @param stored what `hash` gave; null: there is no user, or no password
   * @returns `outdated`: it is, but was hashed at another cost than now
   * @throws {LimitReachedError} when too many hashes are waited for
   */
  async verify(stored: string | null, password: string): Promise<'right' | 'outdated' | 'wrong'> {
    if (password.length > longest) return 'wrong';
    const { salt, hash, ...hashed } = parse(stored ?? this.#nobodys);
    const derived = await this.#derive(password, salt, hash.length, hashed);
    if (!timingSafeEqual(derived, hash) || stored === null) return 'wrong';
    return hashed.ln === cost.ln && hashed.r === cost.r && hashed.p === cost.p ? 'right' : 'outdated';
  }

  #derive(password: string, salt: Buffer, length: number, { ln, r, p }: Cost): Promise<Buffer> {
    // The same characters can be composed differently on another keyboard. RFC 8265, section 4.2.
    const text = password.normalize('NFC');
    return this.#queue.run(() => derive(text, salt, length, { N: 2 ** ln, r, p, maxmem }));
  }
}

const derive = (password: BinaryLike, salt: BinaryLike, length: number, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });

function format({ ln, r, p, salt, hash }: Hash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${withoutPadding(salt)}$${withoutPadding(hash)}`;
}

const withoutPadding = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function parse(text: string): Hash {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/-]+)\$([\w+/-]+)$/.exec(text);
  if (match === null) throw new Error('A password hash in the database is not one of ours.');
  const [, ln, r, p, salt = '', hash = ''] = match;
  return {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

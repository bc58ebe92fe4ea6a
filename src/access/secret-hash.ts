import { createHash, randomBytes } from 'node:crypto';

/** A secret that nobody guesses: 256 random bits, as 43 characters that stand in URLs and headers as they are. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/**
 * SHA-256, hexadecimal: what is kept of a secret. No salt and no stretching, for such a secret is in no list of likely
 * ones; and what is looked up by it takes a time that says nothing about the secret.
 */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { OperatorError } from '../errors.ts';
import type { Tip } from './link.ts';

/** A tip that the server vouches for. Whoever keeps it elsewhere can tell later whether what it stands for is still there. */
export interface Head extends Tip {
  /** RFC 3339, UTC. */
  signedAt: string;
  /** Ed25519 (RFC 8032), base64. */
  signature: string;
  /** Of the key that signed it, in DER (SubjectPublicKeyInfo), base64. */
  publicKey: string;
}

/** Signs heads. */
export class HeadSigner {
  readonly #key: KeyObject;
  readonly #publicKey: string;

  constructor(key: KeyObject) {
    this.#key = key;
    this.#publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  }

  /**
   * With the key in a file (PKCS #8, PEM), which is made if it is not there.
   * @throws {OperatorError} when it is no such key
   */
  static open(path: string): HeadSigner {
    if (!existsSync(path)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    }
    try {
      const key = createPrivateKey(readFileSync(path));
      if (key.asymmetricKeyType === 'ed25519') return new HeadSigner(key);
    } catch {
      // Said below.
    }
    throw new OperatorError(`${path} holds no Ed25519 key; put one back (PEM), or move the file away for a new one.`);
  }

  get publicKey(): string {
    return this.#publicKey;
  }

  /** @param log whose tip it is: the id of the stream */
  sign({ sequence, hash }: Tip, log: string, now = new Date()): Head {
    const signedAt = now.toISOString();
    const signature = sign(null, signedText({ sequence, hash, signedAt }, log), this.#key).toString('base64');
    return { sequence, hash, signedAt, signature, publicKey: this.#publicKey };
  }
}

/** Whether a head is what the holder of its key signed, of this log. */
export function isSigned(head: Head, log: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(head.publicKey, 'base64'), type: 'spki', format: 'der' });
    return verify(null, signedText(head, log), key, Buffer.from(head.signature, 'base64'));
  } catch {
    return false;
  }
}

const signedText = ({ sequence, hash, signedAt }: Pick<Head, 'sequence' | 'hash' | 'signedAt'>, log: string): Buffer =>
  Buffer.from(`tailql audit head\n${log}\n${sequence}\n${hash}\n${signedAt}\n`);

import { createHash, createHmac, createSecretKey, type Hash, type Hmac } from 'node:crypto';

type Bytes = string | ArrayBuffer | ArrayBufferView;

const toBytes = (data: Exclude<Bytes, string>): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

/**
 * Of a key in bytes Node 24 finds out by two exceptions that it is no key object, which takes three times as long as the digest. A text is asked nothing.
 */
const toKey = (secret: Bytes) => (typeof secret === 'string' ? secret : createSecretKey(toBytes(secret)));

/**
 * SHA-256 and, with a secret, its HMAC (RFC 2104) as the clients of the AWS SDK sign by it, in place of the SDK's `Sha256Node` in the bundles.
 * An HMAC has one digest; a hash may go on after each.
 */
export class Sha256Node {
  readonly digestLength = 32;
  readonly #secret: Bytes | undefined;
  #hash: Hash | Hmac;
  #isFinished = false;

  constructor(secret?: Bytes) {
    this.#secret = secret;
    this.#hash = this.#begin();
  }

  /** @throws Error after the digest of an HMAC */
  update(data: Bytes): void {
    if (this.#isFinished) throw new Error('Attempted to update an already finished hash.');
    this.#hash.update(typeof data === 'string' ? data : toBytes(data));
  }

  async digest(): Promise<Uint8Array> {
    if ('copy' in this.#hash) return new Uint8Array(this.#hash.copy().digest());
    this.#isFinished = true;
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#begin();
    this.#isFinished = false;
  }

  #begin(): Hash | Hmac {
    return this.#secret ? createHmac('sha256', toKey(this.#secret)) : createHash('sha256');
  }
}

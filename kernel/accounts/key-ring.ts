import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { SigningKey } from '../config/signing-keys.ts';

/**
 * The keys of this server, the one in use first. They can be replaced while it runs: what an older key signed or sealed is
 * still understood.
 */
export class KeyRing {
  #keys: readonly SigningKey[];
  readonly #listeners: (() => void)[] = [];

  constructor(keys: readonly SigningKey[]) {
    this.#keys = keys;
    this.#current();
  }

  get keys(): readonly SigningKey[] {
    return this.#keys;
  }

  /** Calls `listener` whenever there are other keys. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  replace(keys: readonly SigningKey[]): void {
    if (keys.length === 0 || keys.map(({ id }) => id).join() === this.#keys.map(({ id }) => id).join()) return;
    this.#keys = keys;
    for (const listener of this.#listeners) listener();
  }

  /** What each key makes of a text, the one in use first. */
  derive(purpose: string, text: string): string[] {
    return this.#keys.map(({ secret }) => createHmac('sha256', secret).update(`${purpose}:${text}`).digest('base64url'));
  }

  /** Encrypts what is stored but must not be read from a copy of the database. */
  seal(purpose: string, value: unknown): string {
    const key = this.#current();
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', sealingKey(key, purpose), iv);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return [key.id, iv.toString('base64url'), sealed.toString('base64url'), cipher.getAuthTag().toString('base64url')].join('.');
  }

  /** @throws Error when it was changed, or sealed for another purpose or with a key that is gone. */
  open(purpose: string, text: string): unknown {
    const [id, iv = '', sealed = '', tag = ''] = text.split('.');
    const key = this.#keys.find((candidate) => candidate.id === id);
    if (key === undefined) throw new Error(`A sealed value needs the key ${id ?? ''}, which is not among the keys of this server.`);
    const decipher = createDecipheriv('aes-256-gcm', sealingKey(key, purpose), Buffer.from(iv, 'base64url'));
    decipher.setAuthTag(Buffer.from(tag, 'base64url'));
    const opened = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]);
    return JSON.parse(opened.toString('utf8'));
  }

  #current(): SigningKey {
    const [current] = this.#keys;
    if (current === undefined) throw new TypeError('A server has at least one key.');
    return current;
  }
}

function sealingKey({ secret }: SigningKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `musclemap seal ${purpose}`, 32));
}

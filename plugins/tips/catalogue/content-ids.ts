import { createHash } from 'node:crypto';

/** The id of shipped content: the same everywhere and for ever, a UUID made of its kind and slug. */
export function shippedId(prefix: 'tip' | 'ms', slug: string): string {
  const hash = createHash('sha256').update(`${prefix}:${slug}`).digest('hex');
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) % 4) + 8).toString(16);
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, variant + hash.slice(17, 20), hash.slice(20, 32)];
  return `${prefix}_${parts.join('-')}`;
}

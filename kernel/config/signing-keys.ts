import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** A secret that signs tokens and seals what is stored. */
export interface SigningKey {
  /** Named in what it signed: the beginning of its hash. */
  id: string;
  secret: string;
  /** Since when a newer one signs. */
  retiredAt: Date | undefined;
}

const SHORTEST = 32;

/**
 * The keys, the one that signs first: JWT_SECRET (one, or several separated by commas), else those that are kept under
 * the home, of which the first is made at the first start.
 */
export async function loadSigningKeys(config: Pick<Config, 'home' | 'jwtSecret'>): Promise<SigningKey[]> {
  if (config.jwtSecret !== undefined) return splitSecret(config.jwtSecret).map((secret) => describeKey(secret));
  await mkdir(config.home, { recursive: true });
  const path = keyFile(config);
  try {
    await writeFile(path, newSecret(), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readKeys(path);
}

/** Makes a new key that signs from now on; the others go on verifying what they signed. */
export async function rotateSigningKeys(config: Pick<Config, 'home' | 'jwtSecret'>, now: Date): Promise<SigningKey> {
  const [current, ...retired] = await loadSigningKeys(config);
  const made = describeKey(newSecret());
  const lines = [made.secret, ...[current && { ...current, retiredAt: now }, ...retired].flatMap((key) => (key ? [toLine(key)] : []))];
  const path = keyFile(config);
  await writeFile(`${path}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return made;
}

/** The file with the keys as it is, for a backup; undefined when there is none yet. */
export async function readSigningKeyFile({ home }: Pick<Config, 'home'>): Promise<string | undefined> {
  return readFile(keyFile({ home }), 'utf8').catch(() => undefined);
}

/** Puts the keys of a backup in place of those that are there: what they sealed can be opened again. */
export async function replaceSigningKeyFile({ home }: Pick<Config, 'home'>, text: string): Promise<void> {
  const path = keyFile({ home });
  await mkdir(home, { recursive: true });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** A secret that was not made to be a list may hold commas: every part of a list is long enough to be a secret. */
function splitSecret(secret: string): string[] {
  const parts = secret.split(',').map((part) => part.trim());
  return parts.every((part) => part.length >= SHORTEST) ? parts : [secret];
}

function keyFile({ home }: Pick<Config, 'home'>): string {
  return join(home, 'signing-key');
}

function newSecret(): string {
  return randomBytes(48).toString('base64url');
}

/** A line holds a secret and, once a newer one signs, since when. */
async function readKeys(path: string): Promise<SigningKey[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [secret = '', retiredAt] = line.trim().split(' ');
    return describeKey(secret, retiredAt === undefined ? undefined : new Date(retiredAt));
  });
}

function toLine({ secret, retiredAt }: SigningKey): string {
  return retiredAt === undefined ? secret : `${secret} ${retiredAt.toISOString()}`;
}

function describeKey(secret: string, retiredAt?: Date): SigningKey {
  return { id: createHash('sha256').update(`key id:${secret}`).digest('base64url').slice(0, 8), secret, retiredAt };
}

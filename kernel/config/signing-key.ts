import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** The secret that signs tokens: JWT_SECRET, else one that was made at the first start and is kept under the home. */
export async function loadSigningKey(config: Pick<Config, 'home' | 'jwtSecret'>): Promise<string> {
  if (config.jwtSecret !== undefined) return config.jwtSecret;
  await mkdir(config.home, { recursive: true });
  const path = join(config.home, 'signing-key');
  try {
    await writeFile(path, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFile(path, 'utf8');
}

import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';

/** A file as a sender names it. */
export interface SentFile {
  name: string;
  bytes: Buffer;
  type?: string;
}

/** Sends a message with files, as a browser does. */
export async function sendFiles(
  kernel: TestKernel,
  as: TestUser,
  conversation: string,
  files: readonly SentFile[],
  { content, key = randomUUID() }: { content?: string; key?: string } = {},
): Promise<TestAnswer> {
  const form = new FormData();
  if (content !== undefined) form.append('content', content);
  for (const { name, bytes, type = '' } of files) form.append('files', new Blob([new Uint8Array(bytes)], { type }), name);
  const answer = await fetch(`${kernel.kernel.url}/api/conversations/${conversation}/messages`, {
    method: 'POST',
    body: form,
    headers: { Authorization: `Bearer ${as.accessToken}`, 'Idempotency-Key': key },
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

/** The bytes behind an address, with what the answer says of them. */
export async function download(kernel: TestKernel, as: TestUser | undefined, path: string, headers: Record<string, string> = {}): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const answer = await fetch(`${kernel.kernel.url}/api${path}`, { headers: { ...headers, ...(as && { Authorization: `Bearer ${as.accessToken}` }) } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** A picture of one colour. */
export function plain(colour: string, width = 60, height = 40): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } }).png().toBuffer();
}

/** A picture that moves. */
export async function moving(frames: number, side = 16): Promise<Buffer> {
  const pictures = await Promise.all(Array.from({ length: frames }, (_, n) => plain(`rgb(${String((n * 37) % 256)}, ${String((n * 91) % 256)}, 90)`, side, side)));
  return sharp(pictures, { join: { animated: true } }).gif({ delay: pictures.map(() => 50) }).toBuffer();
}

/** How many files the server keeps on its disk, those on their way included. */
export async function countFiles(kernel: TestKernel): Promise<number> {
  const { home } = kernel.kernel.config;
  const lists = await Promise.all(['files', 'incoming'].map((name) => readdir(join(home, name), { recursive: true, withFileTypes: true }).catch(() => [])));
  return lists.flat().filter((entry) => entry.isFile()).length;
}

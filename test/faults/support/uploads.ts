import { randomBytes, randomUUID } from 'node:crypto';

const PASSWORD = 'correct horse battery staple';

/** A member who sends files to another. */
export interface Sender {
  token: string;
  conversation: string;
}

export const PDF_HEAD = Buffer.from('%PDF-1.4\n');

/** A file of a type that is stored as it is. */
export function pdf(bytes: number): Buffer {
  return Buffer.concat([PDF_HEAD, Buffer.alloc(bytes - PDF_HEAD.length, 'x')]);
}

async function post(url: string, path: string, body: object, token?: string): Promise<{ id: string; accessToken: string; user: { id: string } }> {
  const headers = { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await answer.json()) as { data: Awaited<ReturnType<typeof post>> }).data;
}

export async function signUpSender(url: string): Promise<Sender> {
  const [one, other] = await Promise.all(
    [0, 1].map(() => {
      const username = `u${randomBytes(6).toString('hex')}`;
      return post(url, '/auth/register', { email: `${username}@example.org`, username, password: PASSWORD });
    }),
  );
  const token = one?.accessToken ?? '';
  return { token, conversation: (await post(url, '/conversations', { type: 'direct', participantIds: [other?.user.id] }, token)).id };
}

export async function sendFiles(url: string, { token, conversation }: Sender, files: readonly Buffer[], key: string = randomUUID()): Promise<Response> {
  const form = new FormData();
  for (const [index, bytes] of files.entries()) form.append('files', new Blob([new Uint8Array(bytes)]), `file${String(index)}`);
  const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': key };
  return fetch(`${url}/api/conversations/${conversation}/messages`, { method: 'POST', body: form, headers });
}

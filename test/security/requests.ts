import { randomUUID } from 'node:crypto';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { validValue, type Operation } from './api-document.ts';

export interface SecurityAnswer {
  status: number;
  text: string;
}

/** Sends one request and reads the answer; of a stream of events only its beginning. */
export async function send(url: string, init: RequestInit, limitMs = 10_000): Promise<SecurityAnswer> {
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(limitMs) });
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    await response.body?.cancel();
    return { status: response.status, text: '' };
  }
  return { status: response.status, text: await response.text() };
}

/** What the document says a request should look like, with the ids that are given and made-up ones for the rest. */
export function sendValid(
  kernel: TestKernel,
  operation: Operation,
  as: TestUser | undefined,
  { params = {}, body = operation.body === undefined ? undefined : validValue(operation.body) }: { params?: Record<string, string>; body?: unknown } = {},
): Promise<SecurityAnswer> {
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(params[name] ?? (schema.enum ? String(schema.enum[0]) : 'nothing')));
    if (place === 'query' && required === true) query.set(name, String(validValue(schema)));
  }
  const bytes = operation.takesBytes ? '{}' : undefined;
  return send(`${kernel.kernel.url}${path}${query.size > 0 ? `?${query.toString()}` : ''}`, {
    method: operation.method,
    headers: {
      'Idempotency-Key': randomUUID(),
      ...(as && { Authorization: `Bearer ${as.accessToken}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined || bytes !== undefined ? { body: bytes ?? JSON.stringify(body) } : {}),
  });
}

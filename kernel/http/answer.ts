import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Containment } from '../config/config.ts';
import type { Observer } from '../plugins/containment.ts';
import { ApiError } from './errors.ts';
import type { StoredAnswer } from './idempotency.ts';
import { RawReply, Reply } from './route.ts';
import type { CompiledRoute } from './route-table.ts';

/** An answer with the text that goes out, made where a failure to make it still has an owner. */
export interface Answer extends StoredAnswer {
  text: string;
}

export interface AnswerServices {
  observer: Observer;
  /** Checks answers against their schemas: everywhere but in production. */
  validatesAnswers: boolean;
  /** How large an answer may be. */
  answers: Containment['answers'];
}

/** What a handler returned, as it is sent. What cannot be sent is a fault of the plugin, not of the request. */
export function toAnswer(services: AnswerServices, route: CompiledRoute, result: unknown): Answer | RawReply {
  try {
    return result instanceof RawReply ? watchStream(services, route, result) : writeAnswer(services, route, result);
  } catch (error) {
    report(services, route, error);
    throw error;
  }
}

/** The answer to a repeated request. */
export function replay(answer: StoredAnswer): Answer {
  return { ...answer, status: 200, headers: { 'Idempotency-Replayed': 'true' }, text: toText(answer) };
}

/** A run of a route that had gone well by its own account gave what cannot be sent. */
export function report({ observer }: Pick<AnswerServices, 'observer'>, route: CompiledRoute, error: unknown): void {
  const { where } = route;
  observer.place(route.owner, where).spoilt();
  observer.failed({ owner: route.owner, where, error });
}

/** A stream may break off after its handler has returned. */
function watchStream(services: AnswerServices, route: CompiledRoute, reply: RawReply): RawReply {
  const { body, options } = reply;
  refuseWrongHeaders(route, options.headers ?? {}, services.answers.headerBytes);
  if (typeof body === 'string' || Buffer.isBuffer(body)) return reply;
  body.once('error', (error) => {
    report(services, route, error);
  });
  return reply;
}

function writeAnswer(services: AnswerServices, route: CompiledRoute, result: unknown): Answer {
  const reply = result instanceof Reply ? result : new Reply(result);
  const { status = route.options.status ?? 200, headers = {}, meta } = reply.options;
  const data: unknown = reply.data;
  const answer = { status, headers, data, ...(meta && { meta }) };
  refuseWrongHeaders(route, headers, services.answers.headerBytes);
  if (status === 204) return { ...answer, text: '' };
  if (services.validatesAnswers) refuseWrongData(route, data);
  const text = toText(answer);
  const { bodyBytes } = services.answers;
  if (text.length <= bodyBytes) return { ...answer, text };
  throw new TypeError(`${route.name} answered ${String(text.length)} characters, the most is ${String(bodyBytes)}.`);
}

function toText({ data, meta }: StoredAnswer): string {
  return JSON.stringify({ data: data ?? null, ...(meta && { meta }) });
}

function refuseWrongHeaders(route: CompiledRoute, headers: Record<string, string>, most: number): void {
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    size += name.length + value.length;
  }
  if (size > most) throw new TypeError(`${route.name} answered ${String(size)} bytes of headers, the most is ${String(most)}.`);
}

function refuseWrongData(route: CompiledRoute, data: unknown): void {
  try {
    route.validateResponse?.(JSON.parse(JSON.stringify(data ?? null)));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new TypeError(`${route.name} answered what its schema does not allow: ${JSON.stringify(error.details)}`, { cause: error });
  }
}

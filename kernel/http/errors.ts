/** Every error a client can get: the code of the answer, its HTTP status and the sentence used when the thrower has none. */
export const ERRORS = {
  VALIDATION_ERROR: { status: 400, message: 'The request is not valid.' },
  UNAUTHORIZED: { status: 401, message: 'Sign in to use this route.' },
  INSUFFICIENT_CREDITS: { status: 402, message: 'There are not enough credits for this action.' },
  FORBIDDEN: { status: 403, message: 'You may not do this.' },
  BLOCKED: { status: 403, message: 'One of you has blocked the other.' },
  ACCOUNT_BANNED: { status: 403, message: 'This account is banned.' },
  ACCOUNT_SUSPENDED: { status: 403, message: 'This account is suspended.' },
  NOT_FOUND: { status: 404, message: 'There is nothing here.' },
  PLUGIN_DISABLED: { status: 404, message: 'This route belongs to a plugin that is not enabled.' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This route does not support that method.' },
  CONFLICT: { status: 409, message: 'This conflicts with what is already there.' },
  IDEMPOTENCY_CONFLICT: { status: 409, message: 'This Idempotency-Key was used with another request.' },
  VERSION_MISMATCH: { status: 409, message: 'The version has changed since it was read.' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'The request body is too large.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'The request body must be JSON (Content-Type: application/json).' },
  RANGE_NOT_SATISFIABLE: { status: 416, message: 'The file has no such part.' },
  UNPROCESSABLE: { status: 422, message: 'The request is well formed but cannot be fulfilled.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests. Try again later.' },
  INTERNAL_ERROR: { status: 500, message: 'Something went wrong on our side.' },
  UNAVAILABLE: { status: 503, message: 'The service is not available right now. Try again shortly.' },
  BILLING_DISABLED: { status: 503, message: 'Payments are not set up on this server.' },
  STORAGE_FULL: { status: 507, message: 'The disk of the server is full. What was sent is not stored.' },
} as const satisfies Record<string, { status: number; message: string }>;

/** The `code` of an error that a client gets, as `NOT_FOUND`; each has its HTTP status. */
export type ErrorCode = keyof typeof ERRORS;

/** One problem of a request: `path` is a JSON pointer that starts with its place, as `/body/email`. */
export interface Problem {
  path: string;
  message: string;
}

export interface ApiErrorOptions {
  /** What a client can act on; for a validation error the list of problems. */
  details?: unknown;
  headers?: Record<string, string>;
  cause?: unknown;
}

/**
 * A refusal that reaches the client as `{ error: { code, message, statusCode, requestId, details? } }`.
 *
 * @example throw new ApiError('NOT_FOUND', 'No workout has this id.');
 */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: unknown;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, message: string = ERRORS[code].message, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.details = options.details;
    this.headers = options.headers ?? {};
  }
}

/** A VALIDATION_ERROR about one field. */
export function invalid(path: string, message: string, cause?: unknown): ApiError {
  return new ApiError('VALIDATION_ERROR', undefined, { details: [{ path, message }] satisfies Problem[], cause });
}

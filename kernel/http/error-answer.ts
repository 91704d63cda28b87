import { isConnectionFailure } from '../database/connect.ts';
import { TimeLimitError } from '../plugins/containment.ts';
import { ApiError } from './errors.ts';
import { asFullDisk } from './full-disk.ts';

/** PostgreSQL's classes of errors that a client caused or can answer by trying again. */
const DATABASE_ERRORS: [RegExp, () => ApiError][] = [
  [/^22/, () => new ApiError('VALIDATION_ERROR', 'A value cannot be stored.')],
  [/^(40|55P03|57014)/, () => new ApiError('UNAVAILABLE', undefined, { headers: { 'Retry-After': '1' } })],
];

/** What a client is told about anything that was thrown, hostile objects included. */
export function toApiError(error: unknown): ApiError {
  try {
    return translate(error);
  } catch {
    return new ApiError('INTERNAL_ERROR');
  }
}

function translate(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (isConnectionFailure(error) || error instanceof TimeLimitError) {
    return new ApiError('UNAVAILABLE', undefined, { headers: { 'Retry-After': '1' }, cause: error });
  }
  const full = asFullDisk(error);
  if (full !== undefined) return full;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = /^[0-9A-Z]{5}$/.test(code) ? DATABASE_ERRORS.find(([pattern]) => pattern.test(code)) : undefined;
  return known?.[1]() ?? new ApiError('INTERNAL_ERROR', undefined, { cause: error });
}

/** The one shape that every error has. */
export function errorBody({ code, message, status, details }: ApiError, requestId: string): unknown {
  return { error: { code, message, statusCode: status, requestId, ...(details !== undefined && { details }) } };
}

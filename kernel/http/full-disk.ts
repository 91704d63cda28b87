import { ApiError } from './errors.ts';

const RETRY_SECONDS = 60;
/** Of the operating system (full, or a quota is), and PostgreSQL's disk_full. */
const CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT', '53100'];

/** What a client is told when there was no room to write; undefined for any other error. */
export function asFullDisk(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !CODES.includes(error.code)) return undefined;
  return new ApiError('STORAGE_FULL', undefined, { headers: { 'Retry-After': String(RETRY_SECONDS) }, cause: error });
}

import { parse } from 'csv-parse/sync';
import { ApiError } from '../../http/errors.ts';
import { createValidate } from '../../http/validation.ts';
import { DisplayName, Email, Username } from '../schemas.ts';

/** A member as a line of the file names them. */
export interface NamedMember {
  line: number;
  email: string;
  /** As it was given; made from the address where there is none. */
  username: string | undefined;
  displayName: string | undefined;
}

export interface LineProblem {
  line: number;
  message: string;
}

export const MOST_MEMBERS = 1_000;

/** The names that columns have in the exports of other programs, in lower case. */
const COLUMNS: Readonly<Record<'email' | 'username' | 'displayName' | 'firstName' | 'lastName', readonly string[]>> = {
  email: ['email', 'e-mail', 'email address', 'e-mail address', 'mail'],
  username: ['username', 'user name', 'login'],
  displayName: ['name', 'display name', 'displayname', 'full name', 'member'],
  firstName: ['first name', 'firstname', 'given name', 'forename'],
  lastName: ['last name', 'lastname', 'surname', 'family name'],
};

/** Reads a list of members. @throws ApiError VALIDATION_ERROR for what is no such list as a whole. */
export function readMembersCsv(text: string): { members: NamedMember[]; problems: LineProblem[] } {
  const [header, ...lines] = readRecords(text);
  const columns = new Map(header?.record.map((name, index) => [name.trim().toLowerCase(), index]));
  const find = (names: readonly string[]): number | undefined => names.map((name) => columns.get(name)).find((index) => index !== undefined);
  if (find(COLUMNS.email) === undefined) {
    throw refuse(`has no column for the e-mail address in its first line; it may be called ${COLUMNS.email.join(', ')}`);
  }
  if (lines.length > MOST_MEMBERS) throw refuse(`has more than ${String(MOST_MEMBERS)} members; bring them along in several files`);
  const members: NamedMember[] = [];
  const problems: LineProblem[] = [];
  const seen = new Map<string, number>();
  for (const { record, line } of lines) {
    const value = (names: readonly string[]): string | undefined => record[find(names) ?? -1]?.trim() || undefined;
    const names = [value(COLUMNS.firstName), value(COLUMNS.lastName)].filter((part) => part !== undefined).join(' ');
    const member = {
      line,
      email: value(COLUMNS.email) ?? '',
      username: value(COLUMNS.username),
      displayName: value(COLUMNS.displayName) ?? (names === '' ? undefined : names),
    };
    const twin = seen.get(member.email.toLowerCase());
    const message = twin === undefined ? problemOf(member) : `the address stands in line ${String(twin)} already`;
    if (message === undefined) members.push(member);
    else problems.push({ line, message });
    if (member.email !== '') seen.set(member.email.toLowerCase(), twin ?? line);
  }
  return { members, problems };
}

function readRecords(text: string): { record: string[]; line: number }[] {
  try {
    const delimiter = firstLine(text).includes(';') && !firstLine(text).includes(',') ? ';' : ',';
    const options = { bom: true, delimiter, skip_empty_lines: true, skip_records_with_empty_values: true, relax_column_count: true, info: true };
    // With `info` a row is more than the library's types say.
    const rows: unknown[] = parse(text, options);
    return (rows as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    throw refuse(`is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

const CHECKS = [
  ['email', createValidate(Email, 'body'), 'is no e-mail address'],
  ['username', createValidate(Username, 'body'), 'is no name for signing in: 3 to 30 letters, digits and _'],
  ['displayName', createValidate(DisplayName, 'body'), 'is longer than 80 characters'],
] as const;

function problemOf(member: NamedMember): string | undefined {
  if (member.email === '') return 'there is no e-mail address';
  for (const [name, validate, message] of CHECKS) {
    const value = member[name];
    if (value === undefined) continue;
    try {
      validate(value);
    } catch {
      return `"${value.slice(0, 60)}" ${message}`;
    }
  }
  return undefined;
}

function refuse(message: string): ApiError {
  return new ApiError('VALIDATION_ERROR', undefined, { details: [{ path: '/body', message }] });
}

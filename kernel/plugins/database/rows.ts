import pg from 'pg';

/** A line of what a plugin's access function answers: a row, the first one with the names and types of the columns. */
export interface AnswerLine {
  line: string | null;
  names: string[] | null;
  /** The first row as PostgreSQL sends a composite value in binary: where the types of its columns stand. */
  types: Buffer | null;
  affected: number | null;
}

/** What a statement has answered, as pg's own Result. */
export interface Answered {
  command: string;
  rowCount: number;
  rows: Record<string, unknown>[];
  fields: { name: string; dataTypeID: number }[];
}

type Parse = (text: string) => unknown;

interface Column {
  name: string;
  dataTypeID: number;
  parse: Parse;
}

/** pg's own table of parsers, by the number of the type; its typing names only the built-in ones. */
const parserOf = pg.types.getTypeParser as (type: number, format: 'text') => Parse;

/** The rows as pg would have made them from the same statement sent by itself. */
export function toAnswered(command: string, lines: readonly AnswerLine[]): Answered {
  const [first] = lines;
  const columns = first?.types ? columnsOf(first.names ?? [], first.types) : [];
  const rows = lines.flatMap(({ line }) => (line === null ? [] : [toRow(columns, line)]));
  const fields = columns.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
  return { command, rowCount: lines.at(-1)?.affected ?? 0, rows, fields };
}

/** The binary form of a composite value: how many columns, then for each its type, its length (-1 for NULL) and so many bytes. */
function columnsOf(names: readonly string[], types: Buffer): Column[] {
  let offset = 4;
  return names.map((name) => {
    const dataTypeID = types.readUInt32BE(offset);
    offset += 8 + Math.max(0, types.readInt32BE(offset + 4));
    return { name, dataTypeID, parse: parserOf(dataTypeID, 'text') };
  });
}

function toRow(columns: readonly Column[], line: string): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  const values = splitComposite(line);
  for (const [index, { name, parse }] of columns.entries()) {
    const text = values[index] ?? null;
    row[name] = text === null ? null : parse(text);
  }
  return row;
}

const FIELD = /(?:"((?:[^"\\]|""|\\[^])*)"|([^,()"]*))[,)]/g;

/** The texts of a composite value, as `(1,"a ""b""",,)`: nothing between two commas is NULL. */
function splitComposite(line: string): (string | null)[] {
  const values: (string | null)[] = [];
  const fields = new RegExp(FIELD);
  fields.lastIndex = 1;
  for (let field = fields.exec(line); field !== null; field = fields.exec(line)) {
    const [, quoted, plain = ''] = field;
    if (quoted !== undefined) values.push(quoted.replace(/""|\\([^])/g, (pair, escaped: string | undefined) => escaped ?? pair.slice(1)));
    else values.push(plain === '' ? null : plain);
  }
  return values;
}

/** What has to be known of a statement to hand it to PostgreSQL as one text. */
export interface ReadStatement {
  /** The text between its parameters. */
  parts: readonly string[];
  /** The number of the parameter that follows each part but the last. */
  parameters: readonly number[];
  /** The verb that decides what it answers, as `SELECT`. */
  command: string;
  hasRows: boolean;
  /** The word by which it changes or locks rows, anywhere in it, as `INSERT` or the `UPDATE` of `FOR UPDATE`. */
  changing: string | undefined;
}

const ANSWERS_ROWS = new Set(['SELECT', 'VALUES', 'TABLE', 'SHOW', 'EXPLAIN', 'EXECUTE', 'FETCH']);
const CHANGES_ROWS = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** `FOR SHARE` and `INTO` write as well. */
const CHANGES = new Set([...CHANGES_ROWS, 'SHARE', 'INTO']);

/** A string, a quoted name, a text between dollars, a comment, a parameter, a word or a single sign; what it is tells its group. */
const TOKEN = new RegExp(
  [
    String.raw`(?<skipped>[eE]'(?:[^'\\]|''|\\[^])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<tag>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[^]*?\k<tag>|--[^\n]*)`,
    String.raw`\$(?<parameter>\d+)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<sign>\/\*|[();])`,
  ].join('|'),
  'g',
);

/** Reads a statement as PostgreSQL's lexer does. */
export function readStatement(text: string): ReadStatement {
  const parts: string[] = [];
  const parameters: number[] = [];
  const verbs = new Verbs();
  const tokens = new RegExp(TOKEN);
  let end = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const { parameter, word, sign } = token.groups ?? {};
    if (sign === '/*') tokens.lastIndex = endOfComment(text, token.index);
    else if (parameter !== undefined) {
      parts.push(text.slice(end, token.index));
      parameters.push(Number(parameter));
      end = tokens.lastIndex;
    } else if (word !== undefined) verbs.word(word.toUpperCase());
    else if (sign !== undefined) verbs.sign(sign);
  }
  parts.push(text.slice(end));
  return { parts, parameters, command: verbs.command, hasRows: verbs.hasRows, changing: verbs.changing };
}

/** Comments nest. */
function endOfComment(text: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

/** Follows the words outside of parentheses to what a statement answers. */
class Verbs {
  #depth = 0;
  #first: string | undefined;
  #main: string | undefined;
  #hasReturning = false;
  #hasInto = false;
  #isOver = false;
  #isScript = false;
  /** The first word that changes something. */
  changing: string | undefined;

  word(word: string): void {
    if (this.#isOver) this.#isScript = true;
    this.#first ??= word;
    if (CHANGES.has(word)) this.changing ??= word;
    if (this.#depth > 0) return;
    const isVerb = ANSWERS_ROWS.has(word) || CHANGES_ROWS.has(word);
    if (this.#main === undefined && (isVerb || this.#first !== 'WITH')) this.#main = word;
    else if (word === 'RETURNING') this.#hasReturning = true;
    else if (word === 'INTO') this.#hasInto = true;
  }

  sign(sign: string): void {
    if (sign === '(') {
      if (this.#first === undefined) this.#first = this.#main = 'SELECT';
      this.#depth += 1;
    } else if (sign === ')') this.#depth -= 1;
    else if (this.#depth === 0) this.#isOver = true;
  }

  get command(): string {
    return this.#main ?? this.#first ?? '';
  }

  get hasRows(): boolean {
    if (this.#isScript) return false;
    if (CHANGES_ROWS.has(this.command)) return this.#hasReturning;
    return ANSWERS_ROWS.has(this.command) && !(this.command === 'SELECT' && this.#hasInto);
  }
}

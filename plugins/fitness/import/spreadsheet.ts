const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/u;
const ESCAPED_FORMULA = /^'+[=+\-@\t\r\n＝＋－＠]/u;

/** A spreadsheet takes a cell that begins with one of these for a formula; an apostrophe before it makes it text. */
export function escapeFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** Exactly undoes `escapeFormula`, whatever number of apostrophes the text had of its own. */
export function unescapeFormula(text: string): string {
  return ESCAPED_FORMULA.test(text) ? text.slice(1) : text;
}

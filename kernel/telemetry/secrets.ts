/** What a field is called that holds a secret. */
export const SECRET_NAME = /pass(word|phrase)?|secret|token|credential|authorization|cookie|api_?key|private_?key|signature|recovery/i;

const REDACTED = '[redacted]';
/** Access tokens, ours and others', wherever they stand in a text. */
const TOKEN = /\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?|\b(Bearer|Basic) [\w.~+/=-]{8,}/g;
const DEEPEST = 8;
const MOST_FIELDS = 200;

/** A copy without what is called like a secret, however deep it lies, and without tokens in texts. An Error is copied by its fields. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(TOKEN, REDACTED);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`;
  if (depth >= DEEPEST) return '[deeper]';
  try {
    if (Array.isArray(value)) return value.slice(0, MOST_FIELDS).map((item) => withoutSecrets(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, MOST_FIELDS)
        .map(([name, item]) => [name, isSecret(name, item) ? REDACTED : withoutSecrets(item, depth + 1)]),
    );
  } catch {
    // What a plugin throws may do anything when it is read.
    return '[unreadable]';
  }
}

/** A count of tokens is none. */
function isSecret(name: string, value: unknown): boolean {
  return SECRET_NAME.test(name) && typeof value !== 'boolean' && typeof value !== 'number';
}

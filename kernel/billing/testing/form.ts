/** A value of a form whose names are nested in brackets, as `line_items[0][price_data][currency]`. */
export type FormValue = string | { [name: string]: FormValue };

/** Reads the way Stripe's libraries write their parameters; the items of a list are named 0, 1, 2 … */
export function readForm(text: string): Record<string, FormValue> {
  const form: Record<string, FormValue> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(/[[\]]+/).filter((part) => part !== '');
    place(form, path, value);
  }
  return form;
}

function place(into: Record<string, FormValue>, path: readonly string[], value: string): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  // `types[]=a` has no index.
  const name = first;
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const inner = into[name];
  const next = typeof inner === 'object' ? inner : {};
  into[name] = next;
  place(next, rest, value);
}

/** The text at a path of a form. */
export function textAt(form: Record<string, FormValue>, ...path: string[]): string | undefined {
  let value: FormValue | undefined = form;
  for (const part of path) value = typeof value === 'object' ? value[part] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The texts at a path of a form, by name. */
export function textsAt(form: Record<string, FormValue>, ...path: string[]): Record<string, string> {
  let value: FormValue | undefined = form;
  for (const part of path) value = typeof value === 'object' ? value[part] : undefined;
  if (typeof value !== 'object') return {};
  return Object.fromEntries(Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])));
}

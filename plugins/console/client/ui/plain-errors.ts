import { texts } from '../texts.ts';
import type { ApiProblem } from './api.ts';

/**
 * What is wrong with which field, in words for a person. `said` has what a field asks for, by its JSON pointer, for when the
 * server has only a pattern to tell.
 */
export function plainErrors(problem: ApiProblem, said: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  return new Map([...problem.fields].map(([path, message]) => [path, plainly(message, said[path])] as const));
}

function plainly(message: string, said: string | undefined): string {
  if (message.startsWith('must match pattern')) return said ?? texts.errors.pattern;
  for (const [pattern, words] of texts.errors.ofFields) {
    const found = pattern.exec(message);
    if (found !== null) return typeof words === 'string' ? words : words(found[1] ?? '');
  }
  return message;
}

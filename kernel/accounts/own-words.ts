import { invalid } from '../http/errors.ts';
import type { AccountsContext } from './accounts.ts';
import type { User } from './users.ts';

/** Shorter words are in too many others. */
const SHORTEST = 3;
/** So many letters that are somebody's own idea are enough. */
const OWN_LETTERS = 4;

/** Whose password it is to be. */
type Person = Partial<Pick<User, 'username' | 'email' | 'displayName'>>;

/**
 * Refuses a password that is nothing but a name which anybody would try here: the person's, the gym's, the server's, with digits
 * and marks around it or not.
 *
 * @throws ApiError VALIDATION_ERROR.
 */
export function refuseOwnWords(context: Pick<AccountsContext, 'site' | 'gymName'>, password: string, path: string, person: Person): void {
  const words = [person.username, person.email, person.displayName, context.gymName(), hostOf(context.site.publicUrl), 'musclemap'];
  if (isMadeOf(password, words.filter((word) => typeof word === 'string'))) {
    throw invalid(path, 'is made of names that are guessed first here; choose another');
  }
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).hostname;
}

/** Whether hardly a letter is left without the words. */
function isMadeOf(password: string, texts: readonly string[]): boolean {
  const letters = plain(password);
  const words = [...new Set(texts.flatMap((text) => [plain(text), ...text.split(/[^\p{L}]+/u).map(plain)]))]
    .filter(({ length }) => length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const rest = words.reduce((left, word) => left.replaceAll(word, ' '), letters);
  return rest !== letters && rest.replaceAll(' ', '').length < OWN_LETTERS;
}

/** Its letters, in whatever case and form they were typed. */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\P{L}/gu, '');
}

import type { Person } from './client.ts';
import type { Gym } from './gym.ts';
import type { PersonName, Question } from './questions.ts';

/** What is written down of a release beside its backup. */
export interface Expectations extends Pick<Gym, 'ids' | 'factorSecret'> {
  commit: string;
  version: string;
  madeAt: string;
  /** Those that were enabled. */
  plugins: string[];
  people: Record<PersonName, Omit<Person, 'token'>>;
  answers: Question[];
}

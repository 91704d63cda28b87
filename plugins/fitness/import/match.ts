import { normalizeExerciseName } from '../catalogue/names.ts';

/** What has to be known of an exercise to find it by a name from elsewhere. */
export interface NamedExercise {
  id: string;
  name: string;
  aliases: readonly string[];
}

export interface ExerciseSuggestion {
  exerciseId: string;
  name: string;
  /** 0-1; 1 means the same words in another order. */
  score: number;
}

export interface ExerciseMatch {
  /** As imported. */
  name: string;
  /** Present when the name or an alias of one exercise is the same but for case, diacritics and punctuation. */
  exerciseId?: string;
  /** For a name without a match: at most three exercises, the most similar first. */
  suggestions: ExerciseSuggestion[];
}

interface Label {
  exercise: NamedExercise;
  text: Phrase;
}

/** A name taken apart for comparison. */
interface Phrase {
  words: Word[];
  trigrams: ReadonlySet<string>;
  /** Of all words written as one: people write pull-up, pull up and pullup. */
  joinedTrigrams: ReadonlySet<string>;
}

interface Word {
  text: string;
  weight: number;
  trigrams: ReadonlySet<string>;
}

const MOST_SUGGESTIONS = 3;
const LEAST_SCORE = 0.4;
/** Below this two words are different words (as incline and decline), not one with a slip. */
const LEAST_WORD_SIMILARITY = 0.55;
const SLIP_SIMILARITY = 0.85;
/** So many labels with the most trigrams in common are compared in earnest. */
const MOST_CANDIDATES = 60;
/** The kit tells exercises of one name apart, so it counts for more than another word. */
const EQUIPMENT_WEIGHT = 1.5;
const EQUIPMENT = new Set(
  'band barbell bodyweight bosu cable dumbbell ez kettlebell lever machine ring rope sled smith suspension trx'.split(
    ' ',
  ),
);
const ABBREVIATIONS = new Map([
  ['bb', 'barbell'],
  ['bw', 'bodyweight'],
  ['db', 'dumbbell'],
  ['kb', 'kettlebell'],
]);

/**
 * Finds exercises of a catalogue by names from other apps. Building it costs one pass over the catalogue; a look-up is
 * cheap.
 */
export class ExerciseMatcher {
  readonly #exact = new Map<string, NamedExercise>();
  /** By movement and kit; null where several exercises would be meant. */
  readonly #loose = new Map<string, NamedExercise | null>();
  readonly #labels: Label[] = [];
  readonly #labelsByTrigram = new Map<string, number[]>();

  /** The name of an exercise goes before another's alias, and an earlier exercise before a later one. */
  constructor(catalogue: Iterable<NamedExercise>) {
    const exercises = [...catalogue];
    for (const exercise of exercises) this.#add(exercise, exercise.name);
    for (const exercise of exercises) for (const alias of exercise.aliases) this.#add(exercise, alias);
  }

  match(name: string): ExerciseMatch {
    const exerciseId = this.find(name);
    return exerciseId === undefined ? { name, suggestions: this.suggest(name) } : { name, exerciseId, suggestions: [] };
  }

  /**
   * The exercise whose name or alias this is, but for case, diacritics and punctuation; else the only one that is called so
   * with the kit in another place, in the plural, abbreviated, or with words written as one.
   */
  find(name: string): string | undefined {
    const exact = this.#exact.get(normalizeExerciseName(name));
    if (exact !== undefined) return exact.id;
    return this.#loose.get(looseKeyOf(takeApart(name)))?.id;
  }

  /** At most three exercises of a similar name, the most similar first. */
  suggest(name: string): ExerciseSuggestion[] {
    const phrase = takeApart(name);
    const best = new Map<string, ExerciseSuggestion>();
    for (const { exercise, text } of this.#candidates(phrase.trigrams)) {
      const score = Number(similarityOf(phrase, text).toFixed(3));
      const known = best.get(exercise.id);
      if (score >= LEAST_SCORE && score > (known?.score ?? 0)) {
        best.set(exercise.id, { exerciseId: exercise.id, name: exercise.name, score });
      }
    }
    return [...best.values()]
      .sort((a, b) => b.score - a.score || compareText(a.exerciseId, b.exerciseId))
      .slice(0, MOST_SUGGESTIONS);
  }

  #add(exercise: NamedExercise, text: string): void {
    const normalized = normalizeExerciseName(text);
    if (normalized === '' || this.#exact.has(normalized)) return;
    this.#exact.set(normalized, exercise);
    const phrase = takeApart(text);
    const key = looseKeyOf(phrase);
    const known = this.#loose.get(key);
    this.#loose.set(key, known === undefined || known?.id === exercise.id ? exercise : null);
    const index = this.#labels.push({ exercise, text: phrase }) - 1;
    for (const trigram of phrase.trigrams) {
      const known = this.#labelsByTrigram.get(trigram);
      if (known) known.push(index);
      else this.#labelsByTrigram.set(trigram, [index]);
    }
  }

  #candidates(trigrams: ReadonlySet<string>): Label[] {
    const shared = new Map<number, number>();
    for (const trigram of trigrams) {
      for (const index of this.#labelsByTrigram.get(trigram) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
    }
    const similarities = [...shared].map(([index, count]) => {
      const label = this.#labels[index];
      return { label, index, similarity: (2 * count) / (trigrams.size + (label?.text.trigrams.size ?? 0)) };
    });
    similarities.sort((a, b) => b.similarity - a.similarity || a.index - b.index);
    return similarities.slice(0, MOST_CANDIDATES).flatMap(({ label }) => label ?? []);
  }
}

/** The movement as one word, for its words mean something else in another order, and the kit, whose order means nothing. */
function looseKeyOf({ words }: Phrase): string {
  const movement = words.filter((word) => !isEquipment(word)).map(({ text }) => text);
  const kit = words.filter(isEquipment).map(({ text }) => text);
  return `${movement.join('')} ${kit.sort(compareText).join(' ')}`;
}

function takeApart(name: string): Phrase {
  // What stands in brackets is the kit in most apps.
  const inBrackets = new Set((name.match(/\(([^()]*)\)/g) ?? []).flatMap(split));
  const words = split(name).map((text) => ({
    text,
    weight: inBrackets.has(text) || EQUIPMENT.has(text) ? EQUIPMENT_WEIGHT : 1,
    trigrams: trigramsOf(text),
  }));
  const trigrams = new Set(words.flatMap((word) => [...word.trigrams]));
  return { words, trigrams, joinedTrigrams: trigramsOf(words.map((word) => word.text).join('')) };
}

function split(text: string): string[] {
  return normalizeExerciseName(text)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ABBREVIATIONS.get(word) ?? (word.length > 2 ? word.replace(/(?<=[^s])s$/, '') : word));
}

function similarityOf(a: Phrase, b: Phrase): number {
  const byWords = 0.7 * similarityOfWords(a.words, b.words) + 0.3 * dice(a.trigrams, b.trigrams);
  return Math.max(byWords, 0.95 * dice(a.joinedTrigrams, b.joinedTrigrams));
}

/** Share of the weight of all words on both sides that has a partner on the other, by how alike the partners are. */
function similarityOfWords(words: readonly Word[], others: readonly Word[]): number {
  const free = [...others];
  let paired = 0;
  let isSameMovement = words.every(isEquipment);
  for (const word of words) {
    const similarities = free.map((other) => similarityOfWord(word, other));
    const best = Math.max(...similarities);
    const partner = free[similarities.indexOf(best)];
    if (!partner || best < LEAST_WORD_SIMILARITY) continue;
    paired += best * (word.weight + partner.weight);
    isSameMovement ||= !isEquipment(word);
    free.splice(free.indexOf(partner), 1);
  }
  // The same kit alone makes no likeness.
  if (!isSameMovement) return 0;
  const total = [...words, ...others].reduce((sum, word) => sum + word.weight, 0);
  return total === 0 ? 0 : paired / total;
}

function isEquipment(word: Word): boolean {
  return word.weight === EQUIPMENT_WEIGHT;
}

function similarityOfWord(a: Word, b: Word): number {
  if (a.text === b.text) return 1;
  return Math.max(dice(a.trigrams, b.trigrams), isOneSlipApart(a.text, b.text) ? SLIP_SIMILARITY : 0);
}

/** One letter wrong, missing or too many, or two exchanged, in a word of four letters or more. */
function isOneSlipApart(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4) return false;
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restOfA, restOfB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const isExchanged = restOfA.length === 2 && restOfA === `${restOfB.charAt(1)}${restOfB.charAt(0)}`;
  return isExchanged || (restOfA.length <= 1 && restOfB.length <= 1);
}

function trigramsOf(word: string): ReadonlySet<string> {
  const padded = `  ${word} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, start) => padded.slice(start, start + 3)));
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const trigram of a) if (b.has(trigram)) shared += 1;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

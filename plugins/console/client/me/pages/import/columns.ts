import { texts } from '../../texts.ts';

/** What a column can be, in the order in which columns are looked for: what is certain before what is general. */
export type ColumnField = keyof typeof texts.imports.mapping.fields;

export type Columns = Partial<Record<ColumnField, string>>;

/** What a file holds of which no app is known: the names of its columns, and the first rows below them. */
export interface FoundColumns {
  columns: string[];
  rows: string[][];
}

/** How a file is to be read; the units and the order stand for what the file does not say. */
export interface Mapping {
  columns: Columns;
  unit?: string;
  distanceUnit?: string;
  dateOrder?: string;
}

/** The fields without which nothing can be read. */
export const NEEDED: readonly ColumnField[] = ['date', 'exercise'];
/** Those that most files have; the others are shown on demand. */
export const COMMON: readonly ColumnField[] = [...NEEDED, 'weight', 'weightUnit', 'reps', 'seconds', 'distance', 'distanceUnit', 'title', 'notes'];
export const OTHERS: readonly ColumnField[] = ['time', 'duration', 'sessionNotes', 'exerciseNotes', 'setOrder', 'setType', 'rpe', 'supersetId'];

/** What says the unit of another column. */
const UNITS: Partial<Record<ColumnField, ColumnField>> = { weightUnit: 'weight', distanceUnit: 'distance' };

/** A unit is asked for where there is something that has one. */
export function isAsked(field: ColumnField, columns: Columns): boolean {
  const of = UNITS[field];
  return of === undefined || columns[of] !== undefined;
}

/** With another column for a field, or with none; a unit goes with what it is the unit of. */
export function withColumn(columns: Columns, field: ColumnField, column: string): Columns {
  const { [field]: _before, ...others } = columns;
  const next: Columns = column === '' ? others : { ...others, [field]: column };
  return Object.fromEntries(Object.entries(next).filter(([one]) => isAsked(one as ColumnField, next)));
}

/** What apps call them, without signs and accents, in some languages of gyms. */
const NAMES: Record<ColumnField, RegExp> = {
  exerciseNotes: /^(exercise|ubungs?) ?(notes?|comments?|notiz(en)?)$/,
  sessionNotes: /^(workout|session|training) ?(notes?|comments?|notiz(en)?)$/,
  weightUnit: /^((weight|mass) )?units?$|^(gewichts)?einheit$|^unidad$/,
  distanceUnit: /^distance units?$/,
  setType: /^(set )?(type|kind)$|^satz ?(art|typ)$/,
  setOrder: /^(set( (order|number|no|nr|index|id))?|satz( ?(nr|nummer))?|serie|n)$/,
  supersetId: /^super ?set( id)?$/,
  rpe: /^(rpe|effort|anstrengung)$/,
  exercise: /^((exercise|lift|movement)( (name|title))?|activity|(name der )?ubung|ejercicio|exercice|esercizio|exercicio|oefening)$/,
  date: /^((workout|session|training)? ?(date|day)( time)?|datetime|timestamp|start( ?time| date|ed at)?|performed at|when|datum|tag|fecha|data|jour|dia|giorno)$/,
  time: /^(time( of day)?|clock|uhrzeit|hora|heure|ora)$/,
  reps: /^(reps?|repetitions?|wdh|wiederh|wiederholungen|repeticiones|repeticoes|ripetizioni|herhalingen)$/,
  seconds: /^(seconds?|secs?|set (time|duration)|hold|sekunden|segundos|secondes|secondi)$/,
  duration: /^((workout|session) )?(duration|length)$|^dauer$|^duracion$|^duree$|^durata$/,
  weight: /^((weight|load|mass)( (lifted|used))?|kgs?|lbs?|gewicht|last|peso|poids|carico|carga)$/,
  distance: /^(distance|distanz|strecke|distancia|distanza|afstand|entfernung)$/,
  title: /^((workout|session|routine)( (name|title))?|title|training|einheit|entrenamiento|seance|allenamento|treino)$/,
  notes: /^(notes?|comments?|remarks?|notiz(en)?|kommentare?|bemerkung(en)?|notas|commentaires?|remarques?)$/,
};

/** Which column is what, by what they are called. */
export function guessColumns(labels: readonly string[]): Columns {
  const guess: Columns = {};
  const open = new Set(labels);
  for (const [field, name] of Object.entries(NAMES) as [ColumnField, RegExp][]) {
    const label = [...open].find((one) => name.test(plainName(one)));
    if (label === undefined) continue;
    guess[field] = label;
    open.delete(label);
  }
  return guess;
}

/** Without what stands in brackets, as a unit, and without signs and accents. */
function plainName(label: string): string {
  const plain = label
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[([].*?[)\]]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return plain.replace(/ (kgs?|lbs?|km|mi|m|s)$/, '');
}

/** Whether a column says its unit in its name, as `Weight (lbs)` or `distance_km`; the server goes by that. */
export function namesUnit(label: string): boolean {
  const unit = /\(([^()]+)\)\s*$|(?:^|[_\s])([a-z]+)\s*$/i.exec(label);
  return /^(kgs?|kilos?|kilograms?|lbs?|pounds?|m|km|kms|mi|yds?|ft|(kilo)?met(er|re)s?|miles?|yards?|foot|feet)$/i.test((unit?.[1] ?? unit?.[2] ?? '').trim());
}

/** How dates of three numbers are written, as far as the first rows tell; the day comes first where they do not. */
export function guessDateOrder(samples: readonly string[]): string {
  const numbers = samples.flatMap((sample) => {
    const found = /^(\d{1,4})[-./](\d{1,2})[-./]\d{1,4}/.exec(sample);
    return found === null ? [] : [[Number(found[1]), Number(found[2])] as const];
  });
  if (numbers.length === 0 || numbers.some(([first]) => first > 31)) return 'ymd';
  return numbers.some(([, second]) => second > 12) ? 'mdy' : 'dmy';
}

/** What the first rows hold in a column. */
export function samplesOf({ columns, rows }: FoundColumns, column: string | undefined): string[] {
  const index = columns.indexOf(column ?? '');
  return rows.flatMap((row) => row[index] || []);
}

/** The mapping to begin with: the newest of `earlier` that fits the file, or a guess. */
export function proposeMapping(found: FoundColumns, earlier: readonly (Mapping | null)[]): { mapping: Mapping; isKnown: boolean } {
  const known = earlier.find((one) => one !== null && Object.values(one.columns).every((column) => found.columns.includes(column)));
  if (known) return { mapping: known, isKnown: true };
  const guess = guessColumns(found.columns);
  const columns = withColumn(guess, 'date', guess.date ?? '');
  return { mapping: { columns, dateOrder: guessDateOrder(samplesOf(found, columns.date)) }, isKnown: false };
}

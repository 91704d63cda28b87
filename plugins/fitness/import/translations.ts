/**
 * Strong names its columns in the language of the app; the rest of the file stays as it is. These are the languages of which
 * a real header is known, each from its own name of a column, in lower case, to the English one.
 */
const STRONG_HEADERS: readonly Readonly<Record<string, string>>[] = [
  {
    datum: 'Date',
    'workout-name': 'Workout Name',
    dauer: 'Duration',
    'workout-dauer': 'Workout Duration',
    'name der übung': 'Exercise Name',
    'reihenfolge festlegen': 'Set Order',
    gewicht: 'Weight',
    'wiederh.': 'Reps',
    entfernung: 'Distance',
    sekunden: 'Seconds',
    notizen: 'Notes',
    'workout-notizen': 'Workout Notes',
  },
  {
    "nom de l'entraînement": 'Workout Name',
    durée: 'Duration',
    "nom de l'exercice": 'Exercise Name',
    'ordre de la série': 'Set Order',
    poids: 'Weight',
    réps: 'Reps',
    secondes: 'Seconds',
    "notes d'entraînement": 'Workout Notes',
  },
  {
    data: 'Date',
    'nome do treino': 'Workout Name',
    duração: 'Duration',
    'nome do exercício': 'Exercise Name',
    'ordem da série': 'Set Order',
    peso: 'Weight',
    distância: 'Distance',
    segundos: 'Seconds',
    notas: 'Notes',
    'notas do treino': 'Workout Notes',
  },
];

/** The columns by which a language is known. */
const TELLING = ['Exercise Name', 'Set Order', 'Weight'];

/** Which of these labels of a header are translations, by the label in lower case; empty for a header in English. */
export function translationsOf(labels: readonly string[]): ReadonlyMap<string, string> {
  const names = labels.map((label) => label.trim().normalize('NFC').replaceAll('’', "'").toLowerCase());
  for (const language of STRONG_HEADERS) {
    const found = names.flatMap((name, index) => {
      const english = language[name];
      return english === undefined ? [] : [[labels[index]?.trim().toLowerCase() ?? '', english] as const];
    });
    if (TELLING.every((column) => found.some(([, english]) => english === column))) return new Map(found);
  }
  return new Map();
}

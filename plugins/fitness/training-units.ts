/** One exercise of a workout, as far as its effect on muscles goes. */
export interface PerformedExercise {
  exerciseId: string;
  sets: number;
  /** When the sets are known one by one, warm-ups among them do not count. */
  setDetails?: readonly { type: string }[] | undefined;
}

/** What the computation needs to know of the catalogue. */
export interface TrainingCatalogue {
  /** Percent by muscle id, by exercise id. */
  activations: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Normalisation factor by muscle id. */
  biasWeights: ReadonlyMap<string, number>;
}

export interface TrainingEffect {
  totalTU: number;
  /** Effective sets by muscle id, rounded to 2 decimals. */
  muscleActivations: Record<string, number>;
}

/**
 * Training Units: the effective sets of a muscle are the sum over the exercises of sets × activation ÷ 100; the total is the sum
 * over the muscles of effective sets ÷ bias weight × 100, rounded to 2 decimals.
 */
export function trainingEffect(exercises: readonly PerformedExercise[], catalogue: TrainingCatalogue): TrainingEffect {
  const effective = new Map<string, number>();
  for (const exercise of exercises) {
    const sets = workingSets(exercise);
    for (const [muscle, activation] of catalogue.activations.get(exercise.exerciseId) ?? []) {
      effective.set(muscle, (effective.get(muscle) ?? 0) + (sets * activation) / 100);
    }
  }
  let total = 0;
  for (const [muscle, sets] of effective) total += (sets / (catalogue.biasWeights.get(muscle) ?? Infinity)) * 100;
  const muscleActivations = Object.fromEntries([...effective].map(([muscle, sets]) => [muscle, round(sets)]));
  return { totalTU: round(total), muscleActivations };
}

function workingSets({ sets, setDetails }: PerformedExercise): number {
  return setDetails === undefined ? sets : setDetails.filter(({ type }) => type !== 'warmup').length;
}

/** How strongly a muscle was worked: effective sets per unit of bias, in percent, and the colour it gets on a muscle map. */
export function muscleLoad(effectiveSets: number, biasWeight: number): { normalizedActivation: number; colorTier: number } {
  const normalizedActivation = round((effectiveSets / biasWeight) * 100);
  return { normalizedActivation, colorTier: TIERS.filter((from) => normalizedActivation >= from).length };
}

/** From which normalised activation on a muscle has colour 1 to 5. */
const TIERS = [0.01, 5, 12, 20, 30];

function round(value: number): number {
  return Math.round((value + Number.EPSILON) * 100) / 100;
}

/** How a muscle name of free-exercise-db falls upon our muscles: shares of its base value, the first entry that fits the name. */
interface MuscleShares {
  /** Fits every name when it is missing. */
  when?: RegExp;
  shares: Readonly<Record<string, number>>;
}

const ABDOMINALS: readonly MuscleShares[] = [
  { when: /plank|roller|rollout|fallout/i, shares: { rectus_abdominis: 1, transversus_abdominis: 0.8, obliques: 0.7, serratus_anterior: 0.3 } },
  { when: /twist|side|oblique|woodchop|wood chop/i, shares: { obliques: 1, rectus_abdominis: 0.8, transversus_abdominis: 0.4 } },
  {
    when: /leg raise|leg-raise|knee raise|hip raise|leg pull|flutter|reverse crunch/i,
    shares: { rectus_abdominis: 1, obliques: 0.6, transversus_abdominis: 0.4, hip_flexors: 0.7 },
  },
  { shares: { rectus_abdominis: 1, obliques: 0.6, transversus_abdominis: 0.4 } },
];

const SHOULDERS: readonly MuscleShares[] = [
  { when: /rotation|cuban/i, shares: { rotator_cuff: 1 } },
  {
    when: /rear|reverse fly|face pull|bent.over.*raise|pull apart/i,
    shares: { posterior_deltoid: 1, lateral_deltoid: 0.6, rotator_cuff: 0.4 },
  },
  {
    when: /lateral|side|upright|power partials/i,
    shares: { lateral_deltoid: 1, anterior_deltoid: 0.6, posterior_deltoid: 0.5 },
  },
  { when: /front/i, shares: { anterior_deltoid: 1 } },
  { shares: { anterior_deltoid: 1, lateral_deltoid: 0.75 } },
];

export const MUSCLE_SHARES: Readonly<Record<string, readonly MuscleShares[]>> = {
  abdominals: ABDOMINALS,
  abductors: [{ shares: { gluteus_medius: 1, glutes: 0.4 } }],
  adductors: [{ shares: { adductors: 1 } }],
  biceps: [
    { when: /hammer|reverse/i, shares: { brachioradialis: 1, brachialis: 1, biceps: 0.75 } },
    { shares: { biceps: 1, brachialis: 0.75, brachioradialis: 0.5 } },
  ],
  calves: [
    { when: /seated/i, shares: { soleus: 1, gastrocnemius: 0.6 } },
    { shares: { gastrocnemius: 1, soleus: 0.85 } },
  ],
  chest: [
    { when: /incline/i, shares: { pectoralis_major_clavicular: 1, pectoralis_major: 0.8, serratus_anterior: 0.3 } },
    { shares: { pectoralis_major: 1, pectoralis_major_clavicular: 0.75, serratus_anterior: 0.3 } },
  ],
  forearms: [
    { when: /reverse|palms.down|extension/i, shares: { forearm_extensors: 1 } },
    { shares: { forearm_flexors: 1, forearm_extensors: 0.7, brachioradialis: 0.6 } },
  ],
  glutes: [{ shares: { glutes: 1, gluteus_medius: 0.5 } }],
  hamstrings: [{ shares: { biceps_femoris: 1, medial_hamstrings: 1 } }],
  lats: [{ shares: { latissimus_dorsi: 1, teres_major: 0.75 } }],
  'lower back': [{ shares: { erector_spinae: 1 } }],
  'middle back': [{ shares: { rhomboids: 1, middle_trapezius: 1, lower_trapezius: 0.6, posterior_deltoid: 0.5 } }],
  neck: [{ shares: { neck: 1 } }],
  quadriceps: [{ shares: { vastus_lateralis: 1, vastus_medialis: 0.95, rectus_femoris: 0.75 } }],
  shoulders: SHOULDERS,
  traps: [{ shares: { upper_trapezius: 1, middle_trapezius: 0.6, lower_trapezius: 0.4 } }],
  triceps: [{ shares: { triceps: 1, triceps_long_head: 0.95 } }],
};

/** Our muscles of one of theirs, with their shares; undefined for a name that is none of theirs. */
export function sharesOf(muscle: string, exerciseName: string): Readonly<Record<string, number>> | undefined {
  return MUSCLE_SHARES[muscle]?.find(({ when }) => when === undefined || when.test(exerciseName))?.shares;
}

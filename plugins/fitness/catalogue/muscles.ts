import type { CatalogueMuscle } from './types.ts';

/** Every muscle that an activation may name. Bias follows size, volume counts indirect work at one half. */
export const MUSCLES: readonly CatalogueMuscle[] = [
  {
    id: 'pectoralis_major', name: 'Chest (sternal)', anatomicalName: 'Pectoralis major, pars sternocostalis',
    muscleGroup: 'chest', biasWeight: 19, optimalWeeklyVolume: 14, recoveryTime: 72,
  },
  {
    id: 'pectoralis_major_clavicular', name: 'Upper chest', anatomicalName: 'Pectoralis major, pars clavicularis',
    muscleGroup: 'chest', biasWeight: 13, optimalWeeklyVolume: 10, recoveryTime: 48,
  },
  {
    id: 'serratus_anterior', name: 'Serratus anterior', anatomicalName: 'Serratus anterior',
    muscleGroup: 'chest', biasWeight: 6, optimalWeeklyVolume: 6, recoveryTime: 48,
  },
  {
    id: 'latissimus_dorsi', name: 'Lats', anatomicalName: 'Latissimus dorsi',
    muscleGroup: 'back', biasWeight: 20, optimalWeeklyVolume: 16, recoveryTime: 72,
  },
  {
    id: 'teres_major', name: 'Teres major', anatomicalName: 'Teres major',
    muscleGroup: 'back', biasWeight: 6, optimalWeeklyVolume: 8, recoveryTime: 48,
  },
  {
    id: 'upper_trapezius', name: 'Upper traps', anatomicalName: 'Trapezius, pars descendens',
    muscleGroup: 'back', biasWeight: 11, optimalWeeklyVolume: 8, recoveryTime: 48,
  },
  {
    id: 'middle_trapezius', name: 'Middle traps', anatomicalName: 'Trapezius, pars transversa',
    muscleGroup: 'back', biasWeight: 11, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'lower_trapezius', name: 'Lower traps', anatomicalName: 'Trapezius, pars ascendens',
    muscleGroup: 'back', biasWeight: 8, optimalWeeklyVolume: 8, recoveryTime: 48,
  },
  {
    id: 'rhomboids', name: 'Rhomboids', anatomicalName: 'Rhomboideus major et minor',
    muscleGroup: 'back', biasWeight: 8, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'erector_spinae', name: 'Lower back', anatomicalName: 'Erector spinae',
    muscleGroup: 'back', biasWeight: 17, optimalWeeklyVolume: 8, recoveryTime: 72,
  },
  {
    id: 'anterior_deltoid', name: 'Front delts', anatomicalName: 'Deltoideus, pars clavicularis',
    muscleGroup: 'shoulders', biasWeight: 12, optimalWeeklyVolume: 10, recoveryTime: 48,
  },
  {
    id: 'lateral_deltoid', name: 'Side delts', anatomicalName: 'Deltoideus, pars acromialis',
    muscleGroup: 'shoulders', biasWeight: 10, optimalWeeklyVolume: 14, recoveryTime: 48,
  },
  {
    id: 'posterior_deltoid', name: 'Rear delts', anatomicalName: 'Deltoideus, pars spinalis',
    muscleGroup: 'shoulders', biasWeight: 10, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'rotator_cuff', name: 'Rotator cuff', anatomicalName: 'Supra-, infraspinatus, teres minor, subscapularis',
    muscleGroup: 'shoulders', biasWeight: 6, optimalWeeklyVolume: 6, recoveryTime: 48,
  },
  {
    id: 'biceps', name: 'Biceps', anatomicalName: 'Biceps brachii',
    muscleGroup: 'arms', biasWeight: 10, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'brachialis', name: 'Brachialis', anatomicalName: 'Brachialis',
    muscleGroup: 'arms', biasWeight: 8, optimalWeeklyVolume: 8, recoveryTime: 48,
  },
  {
    id: 'brachioradialis', name: 'Brachioradialis', anatomicalName: 'Brachioradialis',
    muscleGroup: 'arms', biasWeight: 6, optimalWeeklyVolume: 6, recoveryTime: 48,
  },
  {
    id: 'triceps_long_head', name: 'Triceps (long head)', anatomicalName: 'Triceps brachii, caput longum',
    muscleGroup: 'arms', biasWeight: 11, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'triceps', name: 'Triceps (lateral and medial head)', anatomicalName: 'Triceps brachii, caput laterale et mediale',
    muscleGroup: 'arms', biasWeight: 10, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'forearm_flexors', name: 'Forearm flexors', anatomicalName: 'Flexores antebrachii',
    muscleGroup: 'arms', biasWeight: 7, optimalWeeklyVolume: 6, recoveryTime: 24,
  },
  {
    id: 'forearm_extensors', name: 'Forearm extensors', anatomicalName: 'Extensores antebrachii',
    muscleGroup: 'arms', biasWeight: 5, optimalWeeklyVolume: 6, recoveryTime: 24,
  },
  {
    id: 'rectus_abdominis', name: 'Abs', anatomicalName: 'Rectus abdominis',
    muscleGroup: 'core', biasWeight: 12, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'obliques', name: 'Obliques', anatomicalName: 'Obliquus externus et internus',
    muscleGroup: 'core', biasWeight: 11, optimalWeeklyVolume: 10, recoveryTime: 48,
  },
  {
    id: 'transversus_abdominis', name: 'Deep abs', anatomicalName: 'Transversus abdominis',
    muscleGroup: 'core', biasWeight: 7, optimalWeeklyVolume: 6, recoveryTime: 24,
  },
  {
    id: 'glutes', name: 'Glutes', anatomicalName: 'Gluteus maximus',
    muscleGroup: 'hips', biasWeight: 22, optimalWeeklyVolume: 14, recoveryTime: 72,
  },
  {
    id: 'gluteus_medius', name: 'Side glutes', anatomicalName: 'Gluteus medius et minimus',
    muscleGroup: 'hips', biasWeight: 12, optimalWeeklyVolume: 8, recoveryTime: 48,
  },
  {
    id: 'hip_flexors', name: 'Hip flexors', anatomicalName: 'Iliopsoas, tensor fasciae latae',
    muscleGroup: 'hips', biasWeight: 12, optimalWeeklyVolume: 6, recoveryTime: 48,
  },
  {
    id: 'adductors', name: 'Adductors', anatomicalName: 'Adductor magnus, longus, brevis',
    muscleGroup: 'hips', biasWeight: 16, optimalWeeklyVolume: 8, recoveryTime: 72,
  },
  {
    id: 'vastus_lateralis', name: 'Outer quads', anatomicalName: 'Vastus lateralis',
    muscleGroup: 'legs', biasWeight: 19, optimalWeeklyVolume: 14, recoveryTime: 72,
  },
  {
    id: 'vastus_medialis', name: 'Inner quads', anatomicalName: 'Vastus medialis et intermedius',
    muscleGroup: 'legs', biasWeight: 14, optimalWeeklyVolume: 14, recoveryTime: 72,
  },
  {
    id: 'rectus_femoris', name: 'Middle quads', anatomicalName: 'Rectus femoris',
    muscleGroup: 'legs', biasWeight: 13, optimalWeeklyVolume: 10, recoveryTime: 72,
  },
  {
    id: 'biceps_femoris', name: 'Outer hamstrings', anatomicalName: 'Biceps femoris',
    muscleGroup: 'legs', biasWeight: 13, optimalWeeklyVolume: 12, recoveryTime: 72,
  },
  {
    id: 'medial_hamstrings', name: 'Inner hamstrings', anatomicalName: 'Semitendinosus et semimembranosus',
    muscleGroup: 'legs', biasWeight: 14, optimalWeeklyVolume: 12, recoveryTime: 72,
  },
  {
    id: 'gastrocnemius', name: 'Calves', anatomicalName: 'Gastrocnemius',
    muscleGroup: 'legs', biasWeight: 13, optimalWeeklyVolume: 12, recoveryTime: 48,
  },
  {
    id: 'soleus', name: 'Soleus', anatomicalName: 'Soleus',
    muscleGroup: 'legs', biasWeight: 13, optimalWeeklyVolume: 10, recoveryTime: 48,
  },
  {
    id: 'tibialis_anterior', name: 'Shins', anatomicalName: 'Tibialis anterior',
    muscleGroup: 'legs', biasWeight: 7, optimalWeeklyVolume: 6, recoveryTime: 48,
  },
  {
    id: 'neck', name: 'Neck', anatomicalName: 'Sternocleidomastoideus, splenius',
    muscleGroup: 'neck', biasWeight: 5, optimalWeeklyVolume: 6, recoveryTime: 48,
  },
];

import type { CatalogueTip } from '../types.ts';

/** Shown to who has done the exercise in the last two weeks. */
export const EXERCISE_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'bench-press-shoulder-blades', value: 'bench_press', category: 'technique', title: 'Pin your shoulder blades',
    content: 'Before you unrack, pull the shoulder blades back and down and keep them there until the bar is racked again. It gives the ' +
      'shoulder a stable base and lets the chest do the pressing.',
  },
  {
    slug: 'bench-press-forearms', value: 'bench_press', category: 'technique', title: 'Check your forearms at the bottom',
    content: 'With the bar on the chest, the forearms should stand vertical, seen from the front and from the side. If they lean out, grip ' +
      'narrower; if they lean in, grip wider.',
  },
  {
    slug: 'bench-press-collars', value: 'bench_press', category: 'safety', title: 'Benching alone? Use the safety arms',
    content: 'Set the safeties just below your chest when you arch and press with them in place. Without a rack, leave the collars off so ' +
      'that you can tip the plates off one side if a repetition fails.', priority: 2,
  },
  {
    slug: 'incline-bench-angle', value: 'incline_bench_press', category: 'technique', title: '30 degrees is enough',
    content: 'The upper chest works hardest at about 30 degrees. Steeper than 45, the front of the shoulder takes over and it turns into a ' +
      'shoulder press.',
  },
  {
    slug: 'back-squat-brace', value: 'back_squat', category: 'technique', title: 'Breathe in before you sit down',
    content: 'Take a full breath into the belly at the top, brace as if somebody were about to poke you, and let the air out only when you ' +
      'have passed the hardest part on the way up.',
  },
  {
    slug: 'back-squat-knees', value: 'back_squat', category: 'technique', title: 'Knees follow the toes',
    content: 'Knees may travel past the toes; they should not fall inwards. Think of spreading the floor with your feet on the way up, and ' +
      'lower the weight if they still cave in.',
  },
  {
    slug: 'back-squat-heels', value: 'back_squat', category: 'mobility', title: 'Heels lifting in the squat?',
    content: 'Usually stiff ankles. Do two minutes of ankle rocks per side before squatting, and put small plates under the heels ' +
      'meanwhile: depth with a flat foot comes back within weeks.',
  },
  {
    slug: 'front-squat-rack', value: 'front_squat', category: 'technique', title: 'Elbows up, fingers loose',
    content: 'In the front squat the bar lies on the shoulders, not in the hands. Two fingers under the bar are enough. When the elbows drop, ' +
      'the upper back rounds and the set is over.',
  },
  {
    slug: 'goblet-squat-elbows', value: 'goblet_squat', category: 'technique', title: 'Let the elbows touch the knees',
    content: 'At the bottom of a goblet squat, the elbows should brush the inside of the knees. It tells you that you are deep enough and ' +
      'that the knees are wide enough.', maxLevel: 4,
  },
  {
    slug: 'deadlift-slack', value: 'deadlift', category: 'technique', title: 'Pull the slack out first',
    content: 'Before the bar leaves the floor, pull until you hear the plates click against the bar and feel your arms long. Then push the ' +
      'floor away. A jerk at the bar only bends the back.',
  },
  {
    slug: 'deadlift-bar-path', value: 'deadlift', category: 'technique', title: 'Over the middle of the foot',
    content: 'Start with the bar about 3 cm from your shins, above the middle of the foot, and keep it against the legs all the way. Each ' +
      'centimetre it drifts forward makes the lower back work harder.',
  },
  {
    slug: 'deadlift-weekly', value: 'deadlift', category: 'programming', title: 'Heavy deadlifts need time',
    content: 'Heavy pulls from the floor tire the lower back for about three days. One heavy day a week is plenty for most people; use ' +
      'Romanian deadlifts or swings for a second one.', minLevel: 3,
  },
  {
    slug: 'romanian-deadlift-depth', value: 'romanian_deadlift', category: 'technique', title: 'Stop where the hips stop',
    content: 'Push the hips back until they can go no further; that is the end of the repetition, mostly a little below the knee. Going lower ' +
      'from there only rounds the back.',
  },
  {
    slug: 'hip-thrust-chin', value: 'hip_thrust', category: 'technique', title: 'Chin down, ribs down',
    content: 'Look forward instead of at the ceiling during hip thrusts. With the chin tucked the ribs stay down, and the glutes finish the ' +
      'movement instead of the lower back.',
  },
  {
    slug: 'overhead-press-glutes', value: 'overhead_press', category: 'technique', title: 'Squeeze the glutes to press',
    content: 'Tight glutes and abs keep the press from turning into a standing incline bench. Move the head back to let the bar pass, then ' +
      'bring it through the window of your arms.',
  },
  {
    slug: 'lateral-raise-lead', value: 'lateral_raise', category: 'technique', title: 'Raise out, not only up',
    content: 'Reach for the walls on either side, with the elbows slightly bent and slightly in front of the body, and stop at shoulder height. ' +
      'If you have to swing, halve the weight.',
  },
  {
    slug: 'pull-up-negatives', value: 'assisted_pull_up', category: 'programming', title: 'From assisted to free pull-ups',
    content: 'Add three slow negatives at the end of each session: jump to the top, then take five seconds to come down. Once you can do ' +
      'three sets of five, the first free pull-up is near.',
  },
  {
    slug: 'pull-up-start', value: 'pull_up', category: 'technique', title: 'Start every pull-up at the shoulder',
    content: 'From the hang, first pull the shoulder blades down, then bend the elbows. It saves the shoulders and adds a repetition or two ' +
      'within weeks.',
  },
  {
    slug: 'pull-up-ladder', value: 'pull_up', category: 'programming', title: 'Stuck at a few pull-ups?',
    content: 'Do many sets of half your maximum over the week instead of a few sets to failure. Somebody who can do six gains more from ten ' +
      'easy threes than from two desperate sixes.', minLevel: 2,
  },
  {
    slug: 'lat-pulldown-elbows', value: 'lat_pulldown', category: 'technique', title: 'Pull with the elbows',
    content: 'Think of the hands as hooks and drive the elbows down to your back pockets. Bring the bar to the upper chest; behind the neck it ' +
      'adds nothing but strain.',
  },
  {
    slug: 'barbell-row-angle', value: 'barbell_row', category: 'technique', title: 'Hold your back angle',
    content: 'If the trunk rises with every repetition, the legs are rowing. Choose a weight that you can pull to the belly while the back ' +
      'stays where it was at the start.',
  },
  {
    slug: 'dumbbell-row-stretch', value: 'dumbbell_row', category: 'technique', title: 'Use the bottom of the row',
    content: 'Let the shoulder blade glide forward at the bottom before you pull: the stretched half is where a muscle grows best. Keep ' +
      'the hips square to the floor.',
  },
  {
    slug: 'face-pull-height', value: 'face_pull', category: 'technique', title: 'Thumbs back in the face pull',
    content: 'Set the cable at forehead height, pull the rope apart to your ears and finish with the thumbs pointing behind you. Light and ' +
      'slow beats heavy and short here.',
  },
  {
    slug: 'barbell-curl-elbows', value: 'barbell_curl', category: 'technique', title: 'Keep elbows at your sides',
    content: 'When the elbows drift forward, the shoulder lifts the weight. Stand with the back against a wall for one set to feel the difference.',
  },
  {
    slug: 'triceps-pushdown-lockout', value: 'triceps_pushdown', category: 'technique', title: 'Finish the pushdown',
    content: 'The triceps only works fully when the elbow straightens completely. Hold the lockout for a second and let the weight come back ' +
      'slowly, without moving the upper arms.',
  },
  {
    slug: 'push-up-line', value: 'push_up', category: 'technique', title: 'One line from ear to heel',
    content: 'Brace as in a plank and lower chest and hips together. Elbows at about 45 degrees to the body are kinder to the shoulders than ' +
      'straight out to the sides.',
  },
  {
    slug: 'push-up-harder', value: 'push_up', category: 'programming', title: 'More than 20 push-ups?',
    content: 'Past about 20 repetitions you mostly train endurance. Put the feet up, lower for three seconds or wear a backpack to make sets ' +
      'of 8 to 15 hard again.', minLevel: 2,
  },
  {
    slug: 'plank-short', value: 'plank', category: 'programming', title: 'Shorter, harder planks',
    content: 'Once you hold a plank for a minute, longer adds little. Squeeze glutes and abs as hard as you can for three times 20 seconds, or ' +
      'lift one foot.',
  },
  {
    slug: 'hanging-leg-raise-pelvis', value: 'hanging_leg_raise', category: 'technique', title: 'Curl the pelvis',
    content: 'The abs work when the pelvis tips towards the ribs. Raise the knees or legs until your lower back rounds; stopping at the ' +
      'horizontal is mostly hip flexor.',
  },
  {
    slug: 'leg-press-back', value: 'leg_press', category: 'safety', title: 'Keep the lower back on the pad',
    content: 'Go as deep as you can without the pelvis rolling off the seat. If it curls, stop a little earlier or set the feet higher on ' +
      'the plate.',
  },
  {
    slug: 'bulgarian-split-squat-distance', value: 'bulgarian_split_squat', category: 'technique', title: 'Find your split-squat distance',
    content: 'Sit on the edge of the bench and stretch one leg out: where the heel lands is where the front foot belongs. Lean forward a ' +
      'little for the glutes, stay upright for the quads.',
  },
  {
    slug: 'kettlebell-swing-hinge', value: 'kettlebell_swing', category: 'technique', title: 'A swing is not a squat',
    content: 'Throw the hips back, keep the shins nearly vertical and let the bell pass high between the thighs. The arms only hold it; the ' +
      'hips make it fly.',
  },
  {
    slug: 'running-talk-test', value: 'running', category: 'programming', title: 'Can you talk?',
    content: 'On easy runs you should be able to speak in full sentences. If not, slow down or walk a minute: four of five runs at this pace ' +
      'build more endurance than five hard ones.',
  },
  {
    slug: 'running-cadence', value: 'running', category: 'technique', title: 'Shorter steps save knees',
    content: 'Raise your steps per minute by five to ten percent at the same speed. The foot lands closer under the body, and knee and hip ' +
      'take less load with each step.',
  },
  {
    slug: 'rowing-sequence', value: 'rowing_machine', category: 'technique', title: 'Legs, body, arms',
    content: 'Push with the legs first, then swing the trunk, then pull the arms; on the way back in reverse. Most of the power comes from the ' +
      'legs, and the way back takes twice as long as the drive.',
  },
  {
    slug: 'farmers-carry-tall', value: 'farmers_carry', category: 'technique', title: 'Walk tall, step short',
    content: 'Pick up the weights as a deadlift, stand tall and take quick short steps. Aim for 20 to 40 metres: if the shoulders creep up to the ' +
      'ears, put them down.',
  },
];

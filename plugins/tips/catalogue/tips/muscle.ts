import type { CatalogueTip } from '../types.ts';

/** Shown to who has trained the muscle too little in the last four weeks. */
export const MUSCLE_TIPS: readonly CatalogueTip[] = [
  {
    slug: 'posterior-deltoid', value: 'posterior_deltoid', category: 'programming', title: 'Rear delts are cheap to train',
    content: 'Reverse flies and face pulls take five minutes and little recovery. Two or three sets at the end of two sessions a week cover ' +
      'what presses leave out.',
  },
  {
    slug: 'lateral-deltoid', value: 'lateral_deltoid', category: 'programming', title: 'Side delts like frequency',
    content: 'Overhead presses alone rarely reach the side of the shoulder enough. Add lateral raises in sets of 12 to 20, spread over two or ' +
      'three days.',
  },
  {
    slug: 'rotator-cuff', value: 'rotator_cuff', category: 'safety', title: 'Two sets for the rotator cuff',
    content: 'External rotations with a band, 15 to 20 easy repetitions before pressing, keep the shoulder centred. They should never be the ' +
      'hardest part of your day.',
  },
  {
    slug: 'lower-trapezius', value: 'lower_trapezius', category: 'programming', title: 'Your lower traps hold you up',
    content: 'Lying Y-raises, wall slides and pull-ups with a full hang train the part of the back that keeps the shoulder blade down. Start with ' +
      'no weight: it is harder than it looks.',
  },
  {
    slug: 'middle-trapezius', value: 'middle_trapezius', category: 'programming', title: 'Row as much as you press',
    content: 'A simple rule for shoulders: for every pressing set, one rowing set. Barbell, cable or chest-supported rows all train the ' +
      'muscles between the shoulder blades.',
  },
  {
    slug: 'latissimus-dorsi', value: 'latissimus_dorsi', category: 'programming', title: 'Pull from above, too',
    content: 'Rows train the middle of the back; lats grow from pulling down. Pull-ups or pulldowns twice a week, three or four sets each, ' +
      'are enough to start.',
  },
  {
    slug: 'pectoralis-major', value: 'pectoralis_major', category: 'programming', title: 'No bench? No excuse',
    content: 'Push-ups with the feet raised work the chest as hard as a bench press of similar effort. Three sets close to failure, ' +
      'twice a week, keep it growing.',
  },
  {
    slug: 'glutes', value: 'glutes', category: 'programming', title: 'Wake up the largest muscle',
    content: 'Sitting does nothing for the glutes, and squats alone not everything. Hip thrusts, step-ups and Romanian deadlifts reach them ' +
      'where the squat is easiest.',
  },
  {
    slug: 'gluteus-medius', value: 'gluteus_medius', category: 'safety', title: 'The muscle that keeps knees straight',
    content: 'If a knee falls inwards on stairs or in a lunge, the side of the hip is often weak. Side-lying leg raises, side planks and ' +
      'single-leg work twice a week help.',
  },
  {
    slug: 'biceps-femoris', value: 'biceps_femoris', category: 'safety', title: 'Hamstrings need two kinds of work',
    content: 'They bend the knee and straighten the hip. Pair a hinge (Romanian deadlift) with a curl (machine, slide or Nordic); a ' +
      'hamstring that is strong at length is torn less often.',
  },
  {
    slug: 'medial-hamstrings', value: 'medial_hamstrings', category: 'programming', title: 'Squats do not train hamstrings',
    content: 'They cross hip and knee and hardly change their length in a squat. Without a hinge or a curl in the week they get almost nothing.',
  },
  {
    slug: 'vastus-lateralis', value: 'vastus_lateralis', category: 'programming', title: 'Leg day in ten minutes',
    content: 'No time for legs? Three sets of split squats, one minute of rest in between, train the quads and show the difference between your ' +
      'sides.',
  },
  {
    slug: 'rectus-femoris', value: 'rectus_femoris', category: 'programming', title: 'The quad that squats miss',
    content: 'The middle quad also flexes the hip, so squats leave it short of work. Leg extensions, leaning back a little, train it directly.',
  },
  {
    slug: 'gastrocnemius', value: 'gastrocnemius', category: 'technique', title: 'Calves: pause at the bottom',
    content: 'The Achilles tendon bounces most of the work away. Hold the stretched position for two seconds on each calf raise, and straight ' +
      'knees for the upper calf.',
  },
  {
    slug: 'soleus', value: 'soleus', category: 'programming', title: 'Bend the knee for the soleus',
    content: 'With bent knees the deep calf muscle does the work. It carries several times your bodyweight in running: seated calf raises ' +
      'are good insurance.',
  },
  {
    slug: 'tibialis-anterior', value: 'tibialis_anterior', category: 'safety', title: 'Train the front of the shin',
    content: 'Twenty toe raises with your back against a wall, twice a week, help against sore shins when you run or jump.',
  },
  {
    slug: 'adductors', value: 'adductors', category: 'safety', title: 'Do not forget the inner thigh',
    content: 'Groin strains go down markedly with one exercise: the Copenhagen plank. Start with bent knees, two sets of 10 seconds per side.',
  },
  {
    slug: 'erector-spinae', value: 'erector_spinae', category: 'programming', title: 'A back that lasts',
    content: 'The lower back can be trained like any muscle. Back extensions with bodyweight, two sets of 12 to 15, are a gentle start.',
  },
  {
    slug: 'obliques', value: 'obliques', category: 'programming', title: 'Resist the twist',
    content: 'Side planks, suitcase carries and Pallof presses teach the trunk to resist rotation, which is most of what it does in life and in sport.',
  },
  {
    slug: 'transversus-abdominis', value: 'transversus_abdominis', category: 'technique', title: 'Deep abs work quietly',
    content: 'Dead bugs: press the lower back into the floor, breathe out and lower one arm and the other leg. If the back lifts, make the ' +
      'movement smaller.',
  },
  {
    slug: 'rectus-abdominis', value: 'rectus_abdominis', category: 'programming', title: 'Abs are a muscle like others',
    content: 'Hundreds of crunches train patience. Cable crunches or an ab wheel in sets of 8 to 15, made harder over time, build them.',
  },
  {
    slug: 'forearm-extensors', value: 'forearm_extensors', category: 'safety', title: 'For elbows that ache outside',
    content: 'Gripping trains only one side of the forearm. Light reverse wrist curls, two sets of 15, balance it and are used against tennis elbow.',
  },
  {
    slug: 'forearm-flexors', value: 'forearm_flexors', category: 'programming', title: 'Is your grip the weak link?',
    content: 'Finish with two dead hangs of 20 to 40 seconds, and leave the straps for your heaviest sets. Grip is a good measure of overall strength.',
  },
  {
    slug: 'triceps-long-head', value: 'triceps_long_head', category: 'programming', title: 'Raise the arms for the triceps',
    content: 'The long head crosses the shoulder and grows better with the arm overhead. Swap one pushdown a week for overhead extensions.',
  },
  {
    slug: 'serratus-anterior', value: 'serratus_anterior', category: 'technique', title: 'One more centimetre',
    content: 'At the top of a push-up, push the floor away until the upper back rounds a little. That extra centimetre trains the muscle that ' +
      'holds the shoulder blade to the ribs.',
  },
  {
    slug: 'neck', value: 'neck', category: 'safety', title: 'A little for the neck',
    content: 'Press your head into your hand for ten seconds in four directions. It helps against desk necks, and in contact sports a strong ' +
      'neck slows the head.',
  },
];

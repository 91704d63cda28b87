import { ANYWHERE, BARS, FREE_WEIGHTS, GYM, GYM_HOME, INDOORS, POOLS, ROOMY } from '../places.ts';
import type { Equipment, Location } from '../types.ts';
import type { FreeExercise } from './entry.ts';

const WORDS: Readonly<Record<string, Equipment>> = {
  barbell: 'barbell',
  dumbbell: 'dumbbell',
  cable: 'cable_machine',
  kettlebells: 'kettlebell',
  bands: 'resistance_band',
  'medicine ball': 'medicine_ball',
  'exercise ball': 'exercise_ball',
  'foam roll': 'foam_roller',
  'e-z curl bar': 'ez_bar',
};

/** What a name says about a machine, or about kit that is filed under "other", "body only" or nothing. */
const MACHINES: readonly [RegExp, Equipment][] = [
  [/smith/i, 'smith_machine'],
  [/hack squat/i, 'hack_squat_machine'],
  [/leg press/i, 'leg_press_machine'],
  [/leg extension/i, 'leg_extension_machine'],
  [/leg curl/i, 'leg_curl_machine'],
  [/calf/i, 'calf_raise_machine'],
  [/thigh|hip/i, 'hip_machine'],
  [/butterfly|pec deck|rear delt/i, 'pec_deck_machine'],
  [/shoulder press|military/i, 'shoulder_press_machine'],
  [/chest press|bench press/i, 'chest_press_machine'],
  [/treadmill/i, 'treadmill'],
  [/ellip/i, 'elliptical'],
  [/stairmaster|step mill/i, 'stair_climber'],
  [/rowing/i, 'rowing_machine'],
  [/\brow\b/i, 'row_machine'],
  [/bicycl|bike/i, 'stationary_bike'],
  [/preacher/i, 'preacher_bench'],
];
const KIT: readonly [RegExp, Equipment][] = [
  [/trap bar/i, 'trap_bar'],
  [/tire/i, 'tyre'],
  [/atlas|stone/i, 'atlas_stone'],
  [/yoke|conan/i, 'yoke'],
  [/rickshaw/i, 'rickshaw'],
  [/log lift/i, 'log_bar'],
  [/keg|sandbag/i, 'sandbag'],
  [/farmer/i, 'farmer_handles'],
  [/sledgehammer/i, 'sledgehammer'],
  [/sled|prowler|backward drag|forward drag/i, 'sled'],
  [/battling/i, 'battle_ropes'],
  [/rope climb/i, 'climbing_rope'],
  [/rope jump/i, 'jump_rope'],
  [/ring/i, 'rings'],
  [/suspended|straps/i, 'suspension_trainer'],
  [/ab roller/i, 'ab_wheel'],
  [/wrist roller/i, 'wrist_roller'],
  [/head harness/i, 'head_harness'],
  [/heavy bag/i, 'punching_bag'],
  [/balance board/i, 'balance_board'],
  [/skating/i, 'skates'],
  [/bicycling/i, 'bicycle'],
  [/hurdle/i, 'hurdles'],
  [/cone/i, 'cones'],
  [/chain/i, 'chains'],
  [/plate|svend|otis/i, 'weight_plate'],
  [/band/i, 'resistance_band'],
  [/london bridges/i, 'climbing_rope'],
  [/axle|car deadlift|circus bell|weighted squat/i, 'barbell'],
  [/crucifix/i, 'dumbbell'],
  [/box|depth jump|bench sprint|step.?up|stair|push-off|drop push|quick leap/i, 'box'],
  [/-smr|foam/i, 'foam_roller'],
  [/chair/i, 'chair'],
  [/platform.*slide/i, 'slide_board'],
  [/partner|manual|donkey/i, 'partner'],
  [/swimming/i, 'swimming_pool'],
];
const HANGING = /pull-?up|chin-?up|chins?\b|muscle up|hanging|one handed hang|toes to bar|inverted row|mid row|pike.*bar/i;
const ON_BARS = /parallel bar|dips - |\bring dips\b|\bbar dip/i;
const ON_BENCH = /bench(?! sprint)|incline|decline|preacher|flat|lying.*(press|fly|flye|tricep)/i;

/** What an entry needs: what it says, and what its name gives away where it hides something. */
export function deriveEquipment(exercise: FreeExercise): Equipment[] {
  const { equipment, name, category } = exercise;
  const needed = new Set<Equipment>();
  const word = WORDS[equipment ?? ''];
  if (word !== undefined) needed.add(word);
  else if (equipment === 'machine') needed.add(find(MACHINES, name) ?? 'machine');
  else {
    const kit = find(KIT, name);
    if (kit !== undefined && category !== 'stretching') needed.add(kit);
    if (category === 'stretching' && /chair|-smr/i.test(name)) needed.add(/chair/i.test(name) ? 'chair' : 'foam_roller');
  }
  if (category !== 'stretching') addSupport(needed, exercise);
  return [...needed];
}

function addSupport(needed: Set<Equipment>, { name, equipment }: FreeExercise): void {
  const isBodyweight = !['machine', 'cable', 'barbell', 'dumbbell', 'e-z curl bar'].includes(equipment ?? '');
  if (isBodyweight && HANGING.test(name) && !needed.has('rings') && !needed.has('suspension_trainer')) needed.add('pull_up_bar');
  if (isBodyweight && ON_BARS.test(name) && !needed.has('rings')) needed.add('dip_bars');
  if (/hyperextension|back extension/i.test(name) && !/with no/i.test(name) && isBodyweight) needed.add('back_extension_bench');
  else if (equipment !== 'machine' && ON_BENCH.test(name)) needed.add('bench');
  if (/\bsquat/i.test(name) && equipment === 'barbell') needed.add('rack');
  if (isBodyweight && /weighted (pull|bench dip|dip)/i.test(name)) needed.add('weight_plate');
}

function find(rules: readonly [RegExp, Equipment][], name: string): Equipment | undefined {
  return rules.find(([pattern]) => pattern.test(name))?.[1];
}

const PLACES: readonly { kit: readonly Equipment[]; places: readonly Location[] }[] = [
  { kit: ['swimming_pool'], places: POOLS },
  { kit: ['barbell', 'ez_bar', 'rack', 'bench', 'weight_plate', 'sled', 'sandbag', 'box', 'rings', 'trap_bar'], places: GYM_HOME },
  { kit: ['dumbbell', 'kettlebell'], places: FREE_WEIGHTS },
  { kit: ['pull_up_bar', 'dip_bars'], places: BARS },
  { kit: ['resistance_band', 'chair', 'foam_roller', 'exercise_ball', 'ab_wheel', 'towel'], places: INDOORS },
  { kit: ['jump_rope', 'cones', 'hurdles', 'medicine_ball', 'suspension_trainer', 'bicycle', 'skates', 'partner'], places: ROOMY },
];

/** Where all of the kit can be found; outdoors and everywhere without any. */
export function derivePlaces(needed: readonly Equipment[], category: FreeExercise['category']): readonly Location[] {
  if (needed.length === 0) return category === 'cardio' || category === 'plyometrics' ? ROOMY : ANYWHERE;
  const places = needed.map((word) => PLACES.find(({ kit }) => kit.includes(word))?.places ?? GYM);
  return ANYWHERE.filter((place) => places.every((some) => some.includes(place)));
}

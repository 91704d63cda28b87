export const WEIGHT_UNITS = ['kg', 'lb'] as const;
export const DISTANCE_UNITS = ['m', 'km', 'mi', 'yd', 'ft'] as const;
export type WeightUnit = (typeof WEIGHT_UNITS)[number];
export type DistanceUnit = (typeof DISTANCE_UNITS)[number];

/** What is taken for the units that a file does not name. */
export interface UnitOptions {
  unit?: WeightUnit;
  distanceUnit?: DistanceUnit;
}

const KILOGRAMS_PER_POUND = 0.453_592_37;

const METERS: Record<DistanceUnit, number> = { m: 1, km: 1000, mi: 1609.344, yd: 0.9144, ft: 0.3048 };

const WEIGHT_UNITS_BY_NAME = new Map<string, WeightUnit>([
  ...['kg', 'kgs', 'kilo', 'kilos', 'kilogram', 'kilograms'].map((name) => [name, 'kg'] as const),
  ...['lb', 'lbs', 'pound', 'pounds'].map((name) => [name, 'lb'] as const),
]);

const DISTANCE_UNITS_BY_NAME = new Map<string, DistanceUnit>([
  ...['m', 'meter', 'meters', 'metre', 'metres'].map((name) => [name, 'm'] as const),
  ...['km', 'kms', 'kilometer', 'kilometers', 'kilometre', 'kilometres'].map((name) => [name, 'km'] as const),
  ...['mi', 'mile', 'miles'].map((name) => [name, 'mi'] as const),
  ...['yd', 'yds', 'yard', 'yards'].map((name) => [name, 'yd'] as const),
  ...['ft', 'foot', 'feet'].map((name) => [name, 'ft'] as const),
]);

export function parseWeightUnit(text: string): WeightUnit | undefined {
  return WEIGHT_UNITS_BY_NAME.get(unitName(text));
}

export function parseDistanceUnit(text: string): DistanceUnit | undefined {
  return DISTANCE_UNITS_BY_NAME.get(unitName(text));
}

/** The unit that a column is named for: `Weight (lbs)`, `weight_kg`, `Distance (meters)`. */
export function unitOfColumn(label: string): string | undefined {
  const match = /\(([^()]+)\)\s*$|(?:^|[_\s])([a-z]+)\s*$/i.exec(label);
  return match?.[1] ?? match?.[2];
}

/** A pound has nine decimals in kilograms that count; the rest is noise of the multiplication. */
export function toKilograms(weight: number, unit: WeightUnit): number {
  return Number((unit === 'kg' ? weight : weight * KILOGRAMS_PER_POUND).toFixed(9));
}

/**
 * The weight in the unit in which it was entered: the inverse of `toKilograms` as far as decimals count, so 135 lb stay
 * 135.
 */
export function enteredWeight(weightKg: number, unit: WeightUnit): number {
  return Number(unit === 'kg' ? weightKg.toFixed(9) : (weightKg / KILOGRAMS_PER_POUND).toFixed(8));
}

/** Meters, to the millimetre. */
export function toMeters(distance: number, unit: DistanceUnit): number {
  return Number((distance * METERS[unit]).toFixed(3));
}

function unitName(text: string): string {
  return text.trim().toLowerCase().replace(/\.$/, '');
}

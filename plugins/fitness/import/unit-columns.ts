import { WorkoutFileError } from './errors.ts';
import { compact } from './session.ts';
import type { UnitSource } from './session.ts';
import type { Header } from './table.ts';
import { parseDistanceUnit, parseWeightUnit, unitOfColumn } from './units.ts';
import type { DistanceUnit, UnitOptions, WeightUnit } from './units.ts';

/**
 * A column of weights or distances, and where its unit is found: in a column of units, in the header or in the options.
 */
export interface UnitColumn<Unit> {
  column: string;
  headerUnit?: Unit;
  unitColumn?: string;
  optionUnit?: Unit;
}

type Located<Unit> = UnitColumn<Unit> & { assumption?: string };

/** Throws when neither the file nor the options can tell the unit: a unit is never guessed. */
export function locateWeight(
  header: Header,
  column: string,
  unitColumn: string | undefined,
  options: UnitOptions,
): Located<WeightUnit> {
  const hasUnitColumn = unitColumn !== undefined && header.has(unitColumn);
  const headerUnit = hasUnitColumn ? undefined : parseWeightUnit(unitOfColumn(column) ?? '');
  const isAssumed = headerUnit === undefined && !hasUnitColumn;
  if (isAssumed && !options.unit) {
    throw new WorkoutFileError(
      'unit-required',
      'This file does not say whether its weights are in kg or lb; say which.',
    );
  }
  return compact<Located<WeightUnit>>({
    column,
    headerUnit,
    unitColumn: hasUnitColumn ? unitColumn : undefined,
    optionUnit: options.unit,
    assumption: isAssumed ? `Weights are read as ${options.unit ?? ''}: the file does not name their unit.` : undefined,
  });
}

/** Apps that name no unit of distance show kilometers to people who lift kilograms, miles to the others. */
export function locateDistance(
  header: Header,
  column: string,
  unitColumn: string | undefined,
  options: UnitOptions,
): Located<DistanceUnit> {
  const hasUnitColumn = unitColumn !== undefined && header.has(unitColumn);
  const headerUnit = hasUnitColumn ? undefined : parseDistanceUnit(unitOfColumn(column) ?? '');
  const isAssumed = headerUnit === undefined && !hasUnitColumn;
  const assumed = options.distanceUnit ?? (options.unit === 'lb' ? 'mi' : 'km');
  return compact<Located<DistanceUnit>>({
    column,
    headerUnit,
    unitColumn: hasUnitColumn ? unitColumn : undefined,
    optionUnit: isAssumed ? assumed : options.distanceUnit,
    assumption: isAssumed ? `Distances are read as ${assumed}: the file does not name their unit.` : undefined,
  });
}

/** Where the units of weights come from as far as the header tells. */
export function unitSourceOf(weight: UnitColumn<WeightUnit> | undefined): UnitSource {
  if (weight?.headerUnit) return 'header';
  return weight?.unitColumn === undefined ? 'option' : 'row';
}

export function assumptionsOf(...columns: readonly ({ assumption?: string } | undefined)[]): string[] {
  return columns.flatMap((column) => column?.assumption ?? []);
}

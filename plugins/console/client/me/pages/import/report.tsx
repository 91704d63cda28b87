import type { JSX } from 'preact';
import { formatNumber } from '../../../ui/format.ts';
import { Facts, Figure } from '../../../ui/parts.tsx';
import { Table } from '../../../ui/table.tsx';
import { texts } from '../../texts.ts';
import type { Import, Problem } from './imports.ts';

const words = texts.imports;

/** What a file holds, in figures, and how it was read. */
export function Report({ of }: { of: Import }): JSX.Element {
  const { workouts, sets, volumeKg, duplicates, problems, format, assumptions } = of;
  return (
    <>
      <div class="figures spaced">
        <Figure label={words.workouts} value={formatNumber(workouts)} tone={workouts > 0 ? 'good' : 'neutral'} />
        <Figure label={words.sets} value={formatNumber(sets)} />
        <Figure label={words.volume} value={words.kilograms(formatNumber(Math.round(volumeKg)))} />
        <Figure label={words.duplicates} value={formatNumber(duplicates)} />
        <Figure label={words.problems} value={formatNumber(problems)} tone={problems > 0 ? 'warn' : 'neutral'} />
      </div>
      <Facts facts={[[words.format, format], ...(assumptions.length > 0 ? [[words.assumed, assumptions.join(' ')] as const] : [])]} />
    </>
  );
}

/** The rows that are left out, and the values that are, by their lines. */
export function Faults({ of: { skipped, warnings, problems } }: { of: Pick<Import, 'skipped' | 'warnings' | 'problems'> }): JSX.Element {
  return (
    <>
      {skipped.length > 0 && <ProblemTable title={words.problemsTitle} rows={skipped} all={problems} />}
      {warnings.length > 0 && <ProblemTable title={words.warningsTitle} rows={warnings} all={warnings.length} />}
    </>
  );
}

function ProblemTable({ title, rows, all }: { title: string; rows: readonly Problem[]; all: number }): JSX.Element {
  const hasColumns = rows.some(({ column }) => column !== undefined);
  return (
    <div class="problem-table">
      <h3>{title}</h3>
      {all > rows.length && <p class="muted">{words.firstOf(formatNumber(rows.length), formatNumber(all))}</p>}
      <div class="long" role="region" aria-label={title} tabIndex={0}>
        <Table<Problem & { key: number }>
          label={title}
          rows={rows.toSorted((one, other) => one.line - other.line).map((row, key) => ({ ...row, key }))}
          keyOf={({ key }) => key}
          columns={[
            { title: words.line, isNumber: true, cell: ({ line }) => formatNumber(line) },
            ...(hasColumns
              ? [
                  { title: words.column, cell: ({ column }: Problem) => column ?? texts.noName },
                  { title: words.value, cell: ({ value }: Problem) => value ?? texts.noName },
                ]
              : []),
            { title: words.reason, cell: ({ reason }) => reason },
          ]}
        />
      </div>
    </div>
  );
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, type Query } from '../api.ts';
import { BarChart } from '../charts/bar-chart.tsx';
import { LineChart } from '../charts/line-chart.tsx';
import { choicesOf, labelOf, titleOfChoice } from '../form/schema.ts';
import { formatAgo, formatDay } from '../format.ts';
import { Card, ErrorBox, Figure, Loading, Select, TextInput } from '../parts.tsx';
import { ListTable, Table, type Column } from '../table.tsx';
import { useLoad } from '../use-load.ts';
import { Link } from '../router.tsx';
import { may } from '../session.ts';
import { ActionButton } from './panel-action.tsx';
import type { Known } from './panel-calls.ts';
import { PanelForm } from './panel-form.tsx';
import { pathOf, valueAt, type Panel, type PanelField, type PanelRow } from './panel.ts';
import { PanelValue } from './value.tsx';

interface PanelProps {
  panel: Panel;
  /** What the page knows, as the id of the member that it shows. */
  known?: Known;
  /** Another value loads what it shows anew. */
  version?: number;
  /** Something was done: what other panels show may be another now. */
  onChanged?: () => void;
  /** Of its heading. */
  level?: 2 | 3;
}

/** A panel of a plugin, with what it may do. */
export function PanelView({ panel, known = {}, version = 0, onChanged: changed = () => undefined, level = 2 }: PanelProps): JSX.Element {
  const { kind, title, description } = panel;
  // The form of a form panel is open.
  const buttons = kind === 'form' ? [] : panel.actions.map((action) => <ActionButton key={action.id} action={action} row={{}} known={known} onDone={changed} isMain={kind === 'action'} />);
  const place = placeOf(panel);
  const more = place !== undefined && kind !== 'figure' ? [<Link key="more" to={place}>{texts.panels.open}</Link>] : [];
  return (
    <Card title={title} level={level} actions={buttons.length + more.length > 0 ? [...more, ...buttons] : undefined}>
      {description !== null && <p class="muted">{description}</p>}
      {kind === 'table' && <PanelTable panel={panel} known={known} version={version} onDone={changed} />}
      {(kind === 'figure' || kind === 'chart') && <PanelFigures panel={panel} known={known} version={version} />}
      {kind === 'form' && <PanelForm panel={panel} known={known} version={version} onDone={changed} />}
    </Card>
  );
}

/** The page of the console on which more is found, for who may open it. */
function placeOf({ opens, page, plugin }: Panel): string | undefined {
  if (page === 'me') return undefined;
  if (opens === 'moderation') return may('moderator') ? '/moderation' : undefined;
  return opens === 'plugin' && may('admin') ? `/plugins/${plugin.id}` : undefined;
}

function PanelFigures({ panel, known = {}, version }: PanelProps & { version: number }): JSX.Element {
  const { source } = panel;
  const { data, problem, reload } = useLoad((signal) => get<unknown>(source === null ? '' : pathOf(source, {}, known), source?.query ?? {}, signal), [panel.id, version, JSON.stringify(known)]);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading rows={2} />;
  if (panel.kind === 'chart') return <PanelChart panel={panel} rows={rowsOf(panel, data)} />;
  const place = placeOf(panel);
  const figures = panel.fields.map((field) => {
    const figure = <PanelFigure key={field.field} field={field} row={data as PanelRow} />;
    return place === undefined ? figure : <Link key={field.field} to={place}>{figure}</Link>;
  });
  return <div class="figures">{figures}</div>;
}

/** Of a moment it counts how long ago it is; when exactly stands below. */
function PanelFigure({ field, row }: { field: PanelField; row: PanelRow }): JSX.Element {
  const value = valueAt(row, field.field);
  const isMoment = field.type === 'datetime' && typeof value === 'string';
  const shown = <PanelValue field={field} row={row} />;
  return isMoment ? <Figure label={field.label} value={formatAgo(value)} note={shown} isMoment /> : <Figure label={field.label} value={shown} />;
}

function PanelChart({ panel, rows }: { panel: Panel; rows: readonly PanelRow[] }): JSX.Element {
  const x = panel.chart?.x;
  const labelOfRow = (row: PanelRow): string => {
    const value = String(valueAt(row, x?.field ?? ''));
    return x?.type === 'date' || x?.type === 'datetime' ? formatDay(value) : value;
  };
  const series = panel.fields.map(({ field, label }) => ({ name: label, values: rows.map((row) => Number(valueAt(row, field) ?? 0)) }));
  const chart = { title: panel.title, labels: rows.map(labelOfRow), series };
  return panel.chart?.type === 'line' ? <LineChart {...chart} /> : <BarChart {...chart} isGrouped />;
}

function rowsOf(panel: Panel, data: unknown): PanelRow[] {
  const rows = panel.source?.rows == null ? data : valueAt(data, panel.source.rows);
  return Array.isArray(rows) ? (rows as PanelRow[]) : [];
}

interface PanelTableProps extends PanelProps {
  version: number;
  onDone: () => void;
}

function PanelTable({ panel, known = {}, version, onDone }: PanelTableProps): JSX.Element {
  const [filters, setFilters] = useState<Query>({});
  const columns: Column<PanelRow>[] = panel.fields.map((field) => ({
    title: field.label,
    isNumber: ['number', 'credits', 'percent'].includes(field.type ?? ''),
    cell: (row) => <PanelValue field={field} row={row} isVeiled={panel.page === 'moderation'} />,
  }));
  if (panel.rowActions.length > 0) {
    columns.push({
      title: texts.panels.actions,
      cell: (row) => (
        <div class="actions">
          {panel.rowActions.map((action) => (
            <ActionButton key={action.id} action={action} row={row} known={known} onDone={onDone} />
          ))}
        </div>
      ),
    });
  }
  const { source } = panel;
  if (source === null) return <></>;
  const query = { ...source.query, ...filters };
  const path = pathOf(source, {}, known);
  const keyOf = (row: PanelRow): string => (typeof row.id === 'string' ? row.id : JSON.stringify(row));
  return (
    <>
      <Filters panel={panel} filters={filters} onChange={setFilters} />
      {source.isList ? (
        <ListTable label={panel.title} path={path} query={query} version={version} columns={columns} keyOf={keyOf} />
      ) : (
        <WholeTable panel={panel} path={path} query={query} version={version} columns={columns} keyOf={keyOf} />
      )}
    </>
  );
}

function WholeTable({ panel, path, query, version, columns, keyOf }: { panel: Panel; path: string; query: Query; version: number; columns: Column<PanelRow>[]; keyOf: (row: PanelRow) => string }): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<unknown>(path, query, signal), [path, JSON.stringify(query), version]);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading />;
  return <Table label={panel.title} columns={columns} rows={rowsOf(panel, data)} keyOf={keyOf} />;
}

function Filters({ panel, filters, onChange }: { panel: Panel; filters: Query; onChange: (filters: Query) => void }): JSX.Element | null {
  const list = panel.source?.filters ?? [];
  if (list.length === 0) return null;
  return (
    <div class="filters">
      {list.map(({ name, schema }) => {
        const choices = choicesOf(schema);
        const value = String(filters[name] ?? '');
        const change = (chosen: string): void => {
          onChange({ ...filters, [name]: chosen });
        };
        return choices === undefined ? (
          <TextInput key={name} label={labelOf(name, schema)} value={value} onInput={change} />
        ) : (
          <Select key={name} label={labelOf(name, schema)} value={value} onChange={change} options={[['', texts.common.all], ...choices.map((choice) => [String(choice), titleOfChoice(schema, choice)] as const)]} />
        );
      })}
    </div>
  );
}

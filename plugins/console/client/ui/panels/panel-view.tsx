import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, type Query } from '../api.ts';
import { BarChart } from '../charts/bar-chart.tsx';
import { LineChart } from '../charts/line-chart.tsx';
import { choicesOf, labelOf } from '../form/schema.ts';
import { formatDay } from '../format.ts';
import { Card, ErrorBox, Figure, Loading, Select, TextInput } from '../parts.tsx';
import { ListTable, Table, type Column } from '../table.tsx';
import { useLoad } from '../use-load.ts';
import { ActionButton } from './panel-action.tsx';
import { pathOf, valueAt, type Panel, type PanelRow } from './panel.ts';
import { PanelValue } from './value.tsx';

interface PanelProps {
  panel: Panel;
  /** What the page knows, as the id of the member that it shows. */
  known?: Readonly<Record<string, string>>;
  /** Another value loads what it shows anew. */
  version?: number;
  /** Something was done: what other panels show may be another now. */
  onChanged?: () => void;
}

/** A panel of a plugin, with what it may do. */
export function PanelView({ panel, known = {}, version = 0, onChanged: changed = () => undefined }: PanelProps): JSX.Element {
  const actions = panel.actions.map((action) => <ActionButton key={action.id} action={action} row={{}} known={known} onDone={changed} isMain={panel.kind === 'action' || panel.kind === 'form'} />);
  return (
    <Card title={panel.title} actions={actions.length > 0 ? actions : undefined}>
      {panel.description !== null && <p class="muted">{panel.description}</p>}
      {panel.kind === 'table' && <PanelTable panel={panel} known={known} version={version} onDone={changed} />}
      {(panel.kind === 'figure' || panel.kind === 'chart') && <PanelFigures panel={panel} known={known} version={version} />}
    </Card>
  );
}

function PanelFigures({ panel, known = {}, version }: PanelProps & { version: number }): JSX.Element {
  const { source } = panel;
  const { data, problem, reload } = useLoad((signal) => get<unknown>(source === null ? '' : pathOf(source, {}, known), source?.query ?? {}, signal), [panel.id, version, JSON.stringify(known)]);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading rows={2} />;
  if (panel.kind === 'chart') return <PanelChart panel={panel} rows={rowsOf(panel, data)} />;
  return (
    <div class="figures">
      {panel.fields.map((field) => (
        <Figure key={field.field} label={field.label} value={<PanelValue field={field} row={data as PanelRow} />} />
      ))}
    </div>
  );
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
    cell: (row) => <PanelValue field={field} row={row} />,
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
          <Select key={name} label={labelOf(name, schema)} value={value} onChange={change} options={[['', texts.common.all], ...choices.map((choice) => [String(choice), String(choice)] as const)]} />
        );
      })}
    </div>
  );
}

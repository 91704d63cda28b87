import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { asProblem, send, type ApiProblem, type Query } from './api.ts';
import { Button, Empty, ErrorBox, Loading } from './parts.tsx';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right. */
  isNumber?: boolean;
  /** What the column is sorted by; not sortable without. */
  sortBy?: (row: Row) => string | number;
}

interface TableProps<Row> {
  /** What it lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
  empty?: string;
}

/** Rows that are all there, sortable by whichever column says how. */
export function Table<Row>({ label, columns, rows, keyOf, empty }: TableProps<Row>): JSX.Element {
  const [sort, setSort] = useState<{ column: number; isUp: boolean }>();
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  if (rows.length === 0) return <Empty>{empty ?? texts.common.nothing}</Empty>;
  return (
    <div class="table-frame">
      <table role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ title, isNumber, sortBy }, index) => {
              const isSorted = sort?.column === index;
              const direction = sort?.isUp === true ? 'ascending' : 'descending';
              return (
                <th key={title} role="columnheader" scope="col" class={isNumber === true ? 'number' : ''} aria-sort={isSorted ? direction : undefined}>
                  {sortBy === undefined ? (
                    title
                  ) : (
                    <button
                      type="button"
                      onClick={() => {
                        setSort({ column: index, isUp: isSorted ? !sort.isUp : true });
                      }}
                    >
                      {title}
                      <span aria-hidden="true">{isSorted ? (sort.isUp ? ' ↑' : ' ↓') : ''}</span>
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {sorted.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map(({ title, cell, isNumber }) => (
                <td key={title} role="cell" data-label={title} class={isNumber === true ? 'number' : ''}>
                  <div>{cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: { column: number; isUp: boolean } | undefined): readonly Row[] {
  const by = sort && columns[sort.column]?.sortBy;
  if (!by) return rows;
  return [...rows].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
    return sort.isUp ? order : -order;
  });
}

interface ListTableProps<Row> extends Omit<TableProps<Row>, 'rows'> {
  /** The route of the list, without /api. */
  path: string;
  query?: Query;
  /** Another value loads the list anew. */
  version?: unknown;
}

interface ListState<Row> {
  rows: readonly Row[];
  cursor: string | null;
  isLoading: boolean;
  problem: ApiProblem | undefined;
}

/** The rows of a list route, page after page. */
export function ListTable<Row>({ path, query = {}, version, ...table }: ListTableProps<Row>): JSX.Element {
  const [state, setState] = useState<ListState<Row>>({ rows: [], cursor: null, isLoading: true, problem: undefined });
  const turn = useRef(0);
  const key = JSON.stringify(query);
  const load = async (cursor: string | null): Promise<void> => {
    const mine = ++turn.current;
    setState((before) => ({ ...before, isLoading: true, problem: undefined }));
    try {
      const { data, meta } = await send<Row[]>('GET', path, { query: { ...query, cursor } });
      if (mine !== turn.current) return;
      setState((before) => ({
        ...{ rows: cursor === null ? data : [...before.rows, ...data], cursor: meta.nextCursor ?? null },
        ...{ isLoading: false, problem: undefined },
      }));
    } catch (error) {
      if (mine === turn.current) setState((before) => ({ ...before, isLoading: false, problem: asProblem(error) }));
    }
  };
  useEffect(() => {
    void load(null);
  }, [path, key, version]);
  const { rows, cursor, isLoading, problem } = state;
  if (isLoading && rows.length === 0) return <Loading rows={5} />;
  return (
    <div aria-busy={isLoading}>
      {problem === undefined ? (
        <Table {...table} rows={rows} />
      ) : (
        <ErrorBox message={problem.message} retry={() => load(rows.length > 0 ? cursor : null)} />
      )}
      {cursor !== null && problem === undefined && (
        <div class="more">
          <Button onClick={() => load(cursor)}>{texts.common.more}</Button>
        </div>
      )}
    </div>
  );
}

import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import type { Query } from '../../ui/api.ts';
import { formatNumber, formatTime } from '../../ui/format.ts';
import { Button } from '../../ui/parts.tsx';
import { MemberName } from '../../ui/member-name.tsx';
import { creditActionName } from '../../ui/names.ts';
import { ListTable, type Column } from '../../ui/table.tsx';

export interface LedgerEntry {
  id: string;
  userId: string;
  action: string;
  amount: number;
  balanceAfter: number;
  metadata: Record<string, unknown> | null;
  createdAt: string;
}

interface LedgerProps {
  query: Query;
  version?: unknown;
  onReverse?: (entry: LedgerEntry) => Promise<void>;
}

/** Entries of the ledger, the newest first. */
export function LedgerTable({ query, version, onReverse }: LedgerProps): JSX.Element {
  const columns: Column<LedgerEntry>[] = [
    { title: texts.credits.when, cell: ({ createdAt }) => formatTime(createdAt) },
    { title: texts.credits.action, cell: ({ action }) => creditActionName(action) },
    { title: texts.credits.amount, cell: ({ amount }) => <span class={amount < 0 ? '' : 'gain'}>{`${amount > 0 ? '+' : ''}${formatNumber(amount)}`}</span>, isNumber: true },
    { title: texts.credits.balance, cell: ({ balanceAfter }) => formatNumber(balanceAfter), isNumber: true },
    { title: texts.common.reason, cell: ({ metadata }) => (typeof metadata?.reason === 'string' ? metadata.reason : '–') },
  ];
  if (query.userId === undefined) columns.splice(1, 0, { title: texts.members.member, cell: ({ userId }) => <MemberName id={userId} /> });
  if (onReverse) columns.push({ title: texts.panels.actions, cell: (entry) => <Button onClick={() => onReverse(entry)}>{texts.credits.reverse}</Button> });
  return <ListTable<LedgerEntry> label={texts.credits.ledger} path="/admin/credits/ledger" query={query} version={version} keyOf={({ id }) => id} columns={columns} />;
}

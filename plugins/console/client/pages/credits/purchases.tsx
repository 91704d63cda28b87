import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatMoney, formatNumber, formatTime } from '../../ui/format.ts';
import { Badge, Card, Select, type Tone } from '../../ui/parts.tsx';
import { Link, location, setQuery } from '../../ui/router.tsx';
import { ListTable } from '../../ui/table.tsx';

interface Purchase {
  id: string;
  userId: string;
  username: string | null;
  tierId: string;
  credits: number;
  amountCents: number;
  currency: string | null;
  status: 'pending' | 'completed' | 'failed' | 'refunded';
  refundedCents: number;
  disputed: boolean;
  shortfall: number;
  createdAt: string;
}

const TONES: Record<Purchase['status'], Tone> = { pending: 'neutral', completed: 'good', failed: 'bad', refunded: 'warn' };
const STATUSES = ['pending', 'completed', 'failed', 'refunded'] as const;

/** Who bought credits, and what became of it. */
export function Purchases(): JSX.Element {
  const status = location.value.query.get('status') ?? '';
  return (
    <Card title={texts.credits.purchases}>
      <p class="muted">{texts.credits.purchasesIntro}</p>
      <div class="filters">
        <Select label={texts.credits.status} value={status} onChange={(chosen) => { setQuery({ status: chosen }); }} options={[['', texts.common.all], ...STATUSES.map((name) => [name, texts.credits.statuses[name]] as const)]} />
      </div>
      <ListTable<Purchase>
        label={texts.credits.purchases}
        path="/admin/billing/purchases"
        query={{ status }}
        keyOf={({ id }) => id}
        columns={[
          { title: texts.credits.when, cell: ({ createdAt }) => formatTime(createdAt) },
          { title: texts.members.member, cell: ({ userId, username }) => <Link to={`/members/${userId}`}>{username ?? userId}</Link> },
          { title: texts.credits.bought, cell: ({ credits }) => formatNumber(credits), isNumber: true },
          { title: texts.credits.paid, cell: ({ amountCents, currency }) => formatMoney(amountCents, currency ?? 'usd'), isNumber: true },
          {
            title: texts.credits.status,
            cell: ({ status: state, refundedCents, currency, disputed, shortfall }) => (
              <>
                <Badge tone={TONES[state]}>{texts.credits.statuses[state]}</Badge>{' '}
                {refundedCents > 0 && <Badge tone="warn">{texts.credits.refunded(formatMoney(refundedCents, currency ?? 'usd'))}</Badge>}{' '}
                {disputed && <Badge tone="bad">{texts.credits.disputed}</Badge>} {shortfall > 0 && <Badge tone="bad">{texts.credits.shortfall(shortfall)}</Badge>}
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}

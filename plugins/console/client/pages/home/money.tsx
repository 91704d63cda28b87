import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatAgo, formatMoney, formatNumber } from '../../ui/format.ts';
import { Card } from '../../ui/parts.tsx';
import { Link } from '../../ui/router.tsx';
import { may } from '../../ui/session.ts';
import type { Loaded } from '../../ui/use-load.ts';
import type { Verification } from '../credits/proof.tsx';
import { Lead } from './lead.tsx';
import type { Money, Overview } from './overview.ts';

const words = texts.home;
const READERS = 'billing.read';

interface ProofProps {
  proof: Loaded<Verification | undefined>;
}

/** What came in, what is owed, and whether Stripe is heard; for who may see money. */
export function MoneyCard({ money, days, data, proof }: { money: Money } & ProofProps & Pick<Overview, 'days' | 'data'>): JSX.Element {
  const total = (name: 'sold' | 'spent'): number => days.reduce((sum, day) => sum + (day[name] ?? 0), 0);
  const revenue = money.revenue.map(({ currency, amountCents }) => formatMoney(amountCents, currency)).join(' + ');
  return (
    <Card title={words.money} actions={may('admin') ? <Link to="/credits" class="button">{words.prove}</Link> : undefined}>
      {!data.payments && <p class="muted">{words.noPayments}</p>}
      <div class="figures">
        <Lead to="/credits?tab=purchases" needs={READERS} label={words.revenue} value={revenue === '' ? '–' : revenue} note={words.lastDays} />
        <Lead to="/credits?tab=ledger" label={words.sold} value={formatNumber(total('sold'))} note={words.lastDays} />
        <Lead to="/credits?tab=ledger" label={words.spent} value={formatNumber(total('spent'))} note={words.lastDays} />
        <Lead to="/credits?tab=ledger" label={words.outstanding} value={formatNumber(money.outstanding)} note={money.owed > 0 ? words.owed(money.owed) : undefined} tone={money.owed > 0 ? 'warn' : 'neutral'} />
        <Lead to="/credits?tab=tiers" label={words.subscriptions} value={formatNumber(money.subscriptions)} />
        <Lead to="/credits?tab=purchases&status=failed" needs={READERS} label={words.failed} value={formatNumber(money.failedPurchases)} note={money.refundedPurchases === 0 ? undefined : words.refunds(money.refundedPurchases)} tone={money.failedPurchases > 0 ? 'warn' : 'neutral'} />
        <Lead
          to="/settings"
          label={words.webhook}
          value={formatNumber(money.waitingEvents)}
          note={money.lastEventAt === null ? words.noEvent : words.lastEvent(formatAgo(money.lastEventAt))}
          tone={money.failingEvents > 0 ? 'bad' : 'good'}
        />
        {may('admin') && <Books proof={proof} />}
      </div>
    </Card>
  );
}

/** Whether every balance is the sum of its entries. */
function Books({ proof: { data, problem } }: ProofProps): JSX.Element {
  const wrong = data?.mismatches.length ?? 0;
  const value = problem !== undefined ? '–' : data === undefined ? '…' : wrong === 0 ? words.booksRight : words.booksWrong(wrong);
  return <Lead to="/credits" label={words.books} value={value} tone={data === undefined ? 'neutral' : wrong === 0 ? 'good' : 'bad'} />;
}

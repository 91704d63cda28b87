import type { JSX } from 'preact';
import { get, newKey, send } from '../../ui/api.ts';
import { formatDate, formatMoney, formatNumber, formatTime } from '../../ui/format.ts';
import { Badge, Button, Card, Empty, ErrorBox, Figure, Loading, Notice } from '../../ui/parts.tsx';
import { ListTable, Table } from '../../ui/table.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { Frame } from '../frame.tsx';
import { texts } from '../texts.ts';
import type { Balance } from '../types.ts';

interface Pricing {
  enabled: boolean;
  tiers: { id: string; credits: number; amountCents: number; currency: string; popular: boolean }[];
  subscription: { name: string; amountCents: number; currency: string; interval: string } | null;
}

interface Entry {
  id: string;
  action: string;
  amount: number;
  balanceAfter: number;
  createdAt: string;
}

interface Purchase {
  id: string;
  credits: number;
  amountCents: number;
  currency: string | null;
  status: string;
  createdAt: string;
}

/** The balance, what moved it, and how to get more. */
export default function CreditsPage(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<Balance>('/credits/balance', {}, signal), []);
  return (
    <Frame title={texts.credits.title}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading />}
      {data?.unlimited === true && (
        <Notice tone="good">
          {texts.credits.unlimited} {texts.credits.reasons[data.unlimitedReason ?? ''] ?? ''}.
        </Notice>
      )}
      {data && (
        <div class="figures spaced">
          <Figure label={texts.credits.balance} value={formatNumber(data.balance)} />
          <Figure label={texts.credits.earned} value={formatNumber(data.lifetimeEarned)} />
          <Figure label={texts.credits.spent} value={formatNumber(data.lifetimeSpent)} />
        </div>
      )}
      <Buying />
      <Card title={texts.credits.ledger}>
        <ListTable<Entry>
          label={texts.credits.ledger}
          path="/credits/history"
          keyOf={({ id }) => id}
          columns={[
            { title: texts.credits.when, cell: ({ createdAt }) => formatTime(createdAt) },
            { title: texts.credits.what, cell: ({ action }) => wordsOf(action) },
            { title: texts.credits.amount, isNumber: true, cell: ({ amount }) => (amount > 0 ? `+${formatNumber(amount)}` : formatNumber(amount)) },
            { title: texts.credits.after, isNumber: true, cell: ({ balanceAfter }) => formatNumber(balanceAfter) },
          ]}
        />
      </Card>
      <Purchases />
    </Frame>
  );
}

/** `signup_bonus` as `Signup bonus`. */
function wordsOf(action: string): string {
  const words = action.replace(/[._-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Buying(): JSX.Element {
  const { data } = useLoad((signal) => get<Pricing>('/credits/pricing', {}, signal), []);
  const returnUrl = window.location.href;
  const go = async (path: string, body: object): Promise<void> => {
    const { data: page } = await send<{ url: string }>('POST', path, { body, key: newKey() });
    window.location.assign(page.url);
  };
  return (
    <Card title={texts.credits.buy}>
      {data === undefined && <Loading />}
      {data?.enabled === false && <Empty>{texts.credits.notSold}</Empty>}
      {data?.enabled === true && (
        <ul class="plain tiers">
          {data.tiers.map(({ id, credits, amountCents, currency, popular }) => (
            <li key={id}>
              <strong>{formatNumber(credits)}</strong>
              {popular && <Badge tone="accent">{texts.credits.popular}</Badge>}
              <Button kind={popular ? 'primary' : 'plain'} label={texts.credits.buyTier(formatNumber(credits), formatMoney(amountCents, currency))} onClick={() => go('/billing/checkout', { tierId: id, returnUrl })}>
                {formatMoney(amountCents, currency)}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {data?.enabled === true && data.subscription !== null && (
        <p class="subscription">
          {texts.credits.subscription(formatMoney(data.subscription.amountCents, data.subscription.currency), data.subscription.interval)}{' '}
          <Button onClick={() => go('/billing/subscription/checkout', { returnUrl })}>{texts.credits.subscribe}</Button>
        </p>
      )}
    </Card>
  );
}

function Purchases(): JSX.Element | null {
  const { data } = useLoad((signal) => get<Purchase[]>('/billing/purchases', {}, signal), []);
  if (data === undefined || data.length === 0) return null;
  return (
    <Card title={texts.credits.purchases}>
      <Table<Purchase>
        label={texts.credits.purchases}
        rows={data}
        keyOf={({ id }) => id}
        columns={[
          { title: texts.credits.when, cell: ({ createdAt }) => formatDate(createdAt) },
          { title: texts.credits.amount, isNumber: true, cell: ({ credits }) => formatNumber(credits) },
          { title: texts.credits.price, isNumber: true, cell: ({ amountCents, currency }) => formatMoney(amountCents, currency ?? 'usd') },
          { title: texts.credits.status, cell: ({ status }) => <Badge tone={status === 'completed' ? 'good' : 'neutral'}>{status}</Badge> },
        ]}
      />
    </Card>
  );
}

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { newKey, send } from '../../ui/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { formatMoney, formatNumber, formatTime } from '../../ui/format.ts';
import { MemberLink, MemberName } from '../../ui/member-name.tsx';
import { Badge, Button, Card, Select, type Tone } from '../../ui/parts.tsx';
import { location, setQuery } from '../../ui/router.tsx';
import { may } from '../../ui/session.ts';
import { ListTable } from '../../ui/table.tsx';
import { toast } from '../../ui/toasts.tsx';

type RefundStatus = keyof typeof texts.credits.refundStates;

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
  refunds: { id: string; amountCents: number; status: RefundStatus; at: string; reason: string | null; by: string | null }[];
  createdAt: string;
}

const TONES: Record<Purchase['status'], Tone> = { pending: 'neutral', completed: 'good', failed: 'bad', refunded: 'warn' };
const STATUSES = ['pending', 'completed', 'failed', 'refunded'] as const;

const REFUND_TONES: Record<RefundStatus, Tone> = { pending: 'neutral', requires_action: 'warn', succeeded: 'good', failed: 'bad', canceled: 'neutral' };

/** Who bought credits, and what became of it. */
export function Purchases(): JSX.Element {
  const [version, setVersion] = useState(0);
  const [refunding, setRefunding] = useState<Purchase>();
  const status = location.value.query.get('status') ?? '';
  const refunded = (): void => {
    setRefunding(undefined);
    toast(texts.credits.refundDone);
    setVersion((before) => before + 1);
  };
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
        version={version}
        keyOf={({ id }) => id}
        empty={texts.credits.noPurchases}
        columns={[
          { title: texts.credits.when, cell: ({ createdAt }) => formatTime(createdAt) },
          { title: texts.members.member, cell: ({ userId, username }) => <MemberLink id={userId} name={username ?? userId} /> },
          { title: texts.credits.bought, cell: ({ credits }) => formatNumber(credits), isNumber: true },
          { title: texts.credits.paid, cell: ({ amountCents, currency }) => formatMoney(amountCents, currency ?? 'usd'), isNumber: true },
          { title: texts.credits.status, cell: (purchase) => <PurchaseState purchase={purchase} /> },
          ...(may('admin') ? [{ title: texts.panels.actions, cell: (purchase: Purchase) => <RefundButton purchase={purchase} onPress={setRefunding} /> }] : []),
        ]}
      />
      {refunding && <RefundDialog purchase={refunding} onClose={() => { setRefunding(undefined); }} onDone={refunded} />}
    </Card>
  );
}

function PurchaseState({ purchase: { status, refundedCents, currency, disputed, shortfall, refunds } }: { purchase: Purchase }): JSX.Element {
  const money = (cents: number): string => formatMoney(cents, currency ?? 'usd');
  return (
    <>
      <Badge tone={TONES[status]}>{texts.credits.statuses[status]}</Badge>{' '}
      {refundedCents > 0 && <Badge tone="warn">{texts.credits.refunded(money(refundedCents))}</Badge>}{' '}
      {disputed && <Badge tone="bad">{texts.credits.disputed}</Badge>} {shortfall > 0 && <Badge tone="bad">{texts.credits.shortfall(shortfall)}</Badge>}
      {refunds.length > 0 && (
        <ul class="plain rows">
          {refunds.map(({ id, amountCents, status: state, at, reason, by }) => (
            <li key={id}>
              {texts.credits.refundOf(money(amountCents), formatTime(at))}
              <Badge tone={REFUND_TONES[state]}>{texts.credits.refundStates[state]}</Badge>
              <span class="muted">
                {reason ?? texts.credits.refundInStripe} {by !== null && <MemberName id={by} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function leftOf({ status, amountCents, refundedCents, disputed }: Purchase): number {
  return status === 'completed' && !disputed ? amountCents - refundedCents : 0;
}

function RefundButton({ purchase, onPress }: { purchase: Purchase; onPress: (purchase: Purchase) => void }): JSX.Element | null {
  return leftOf(purchase) > 0 ? <Button onClick={() => { onPress(purchase); }}>{texts.credits.refund}</Button> : null;
}

/** Asks how much goes back and why; a try again after the network failed gives nothing back twice. */
function RefundDialog({ purchase, onClose, onDone }: { purchase: Purchase; onClose: () => void; onDone: () => void }): JSX.Element {
  const key = useMemo(newKey, []);
  const left = leftOf(purchase);
  const money = formatMoney(left, purchase.currency ?? 'usd');
  const schema: JsonSchema = {
    type: 'object',
    required: ['amountCents', 'reason'],
    properties: {
      amountCents: { type: 'integer', minimum: 1, maximum: left, currency: purchase.currency ?? 'usd', title: texts.credits.refundAmount, description: texts.credits.refundHint(money) },
      reason: { type: 'string', minLength: 1, maxLength: 300, title: texts.common.reason, description: texts.credits.reasonHint },
    },
  };
  return (
    <Dialog title={texts.credits.refundTitle(purchase.username ?? purchase.userId)} onClose={onClose}>
      <p>{texts.credits.refundText}</p>
      <SchemaForm
        schema={schema}
        value={{ amountCents: left }}
        submit={texts.credits.refund}
        onSubmit={async ({ amountCents, ...body }) => {
          // All that is left needs no amount: then a payment in whichever currency is given back whole.
          await send('POST', `/admin/billing/purchases/${purchase.id}/refund`, { body: { ...body, ...(amountCents !== left && { amountCents }) }, key: `${key}-${String(amountCents)}` });
          onDone();
        }}
      />
    </Dialog>
  );
}

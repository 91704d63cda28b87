import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { get, send } from '../../ui/api.ts';
import { confirm } from '../../ui/dialog.tsx';
import { SchemaForm, type FormValues } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { Button, Card, ErrorBox, Loading } from '../../ui/parts.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';

interface Pricing extends Record<string, unknown> {
  version: number;
}

const words = texts.credits.pricing;
const KNOWN_CURRENCY = /^[a-z]{3}$/;

/** An amount in the currency that is being entered; the dollar until it is one. */
function amountIn(currency: unknown): JsonSchema {
  const known = typeof currency === 'string' && KNOWN_CURRENCY.test(currency) ? currency : 'usd';
  return { type: 'integer', minimum: 50, maximum: 99_999_999, currency: known, title: words.amount };
}

function pricingIn({ currency }: FormValues): JsonSchema {
  const tier: JsonSchema = {
    type: 'object',
    required: ['id', 'credits', 'amountCents'],
    properties: {
      id: { type: 'string', maxLength: 40, title: words.id, description: words.idHint },
      credits: { type: 'integer', minimum: 1, maximum: 10_000_000, title: words.credits },
      amountCents: amountIn(currency),
      popular: { type: 'boolean', default: false, title: words.popular },
    },
  };
  return {
    type: 'object',
    required: ['currency', 'tiers'],
    properties: {
      currency: { type: 'string', minLength: 3, maxLength: 3, title: words.currency, description: words.currencyHint },
      tiers: { type: 'array', maxItems: 20, items: tier, title: words.tiers },
    },
  };
}

function planIn(currency: unknown): JsonSchema {
  return {
    type: 'object',
    required: ['name', 'amountCents', 'interval'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 100, title: words.planName },
      amountCents: amountIn(currency),
      interval: { oneOf: [{ const: 'month', title: words.intervals.month }, { const: 'year', title: words.intervals.year }], title: words.interval },
    },
  };
}

/** What credits and the subscription cost in money. */
export function Tiers(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<Pricing>('/admin/billing/pricing', {}, signal), []);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading />;
  const { version, plan, ...sold } = data;
  const put = async (body: Record<string, unknown>, expectedVersion: number): Promise<number> => {
    const saved = await send<Pricing>('PUT', '/admin/billing/pricing', { body: { ...body, expectedVersion } });
    await reload();
    return saved.data.version;
  };
  const save = async (changed: Record<string, unknown>): Promise<void> => {
    const now = await put({ ...sold, plan, ...changed }, version);
    toast(words.saved, { undo: () => put({ ...sold, plan }, now) });
  };
  const endPlan = async (): Promise<void> => {
    if (await confirm({ title: words.noPlan, text: words.noPlanText, confirm: words.noPlan, isDangerous: true })) await save({ plan: null });
  };
  return (
    <div class="grid">
      <Card title={texts.credits.tiers}>
        <SchemaForm key={version} schema={pricingIn} value={sold} submit={texts.common.save} onSubmit={save} />
      </Card>
      <Card title={words.plan}>
        <p class="muted">{words.planIntro}</p>
        <SchemaForm key={version} schema={planIn(sold.currency)} value={(plan ?? {}) as Record<string, unknown>} submit={texts.common.save} onSubmit={(changed) => save({ plan: changed })}>
          {plan !== null && <Button kind="danger" onClick={endPlan}>{words.noPlan}</Button>}
        </SchemaForm>
      </Card>
    </div>
  );
}

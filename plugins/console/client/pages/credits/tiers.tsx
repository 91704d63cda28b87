import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { get, send } from '../../ui/api.ts';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { Card, ErrorBox, Loading } from '../../ui/parts.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';

interface Pricing extends Record<string, unknown> {
  version: number;
}

const words = texts.credits.pricing;
const TIER: JsonSchema = {
  type: 'object',
  required: ['id', 'credits', 'amountCents'],
  properties: {
    id: { type: 'string', maxLength: 40, title: words.id, description: words.idHint },
    credits: { type: 'integer', minimum: 1, maximum: 10_000_000, title: words.credits },
    amountCents: { type: 'integer', minimum: 50, maximum: 99_999_999, title: words.cents, description: words.centsHint },
    popular: { type: 'boolean', default: false, title: words.popular },
  },
};
const PRICING: JsonSchema = {
  type: 'object',
  required: ['currency', 'tiers'],
  properties: {
    currency: { type: 'string', minLength: 3, maxLength: 3, title: words.currency, description: words.currencyHint },
    tiers: { type: 'array', maxItems: 20, items: TIER, title: words.tiers },
  },
};

const PLAN: JsonSchema = {
  type: 'object',
  required: ['name', 'amountCents', 'interval'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 100, title: words.planName },
    amountCents: { type: 'integer', minimum: 50, maximum: 99_999_999, title: words.cents, description: words.centsHint },
    interval: { enum: ['month', 'year'], title: words.interval },
  },
};

/** What credits and the subscription cost in money. */
export function Tiers(): JSX.Element {
  const { data, problem, reload } = useLoad((signal) => get<Pricing>('/admin/billing/pricing', {}, signal), []);
  if (problem) return <ErrorBox message={problem.message} retry={reload} />;
  if (data === undefined) return <Loading />;
  const { version, plan, ...sold } = data;
  const save = async (changed: Record<string, unknown>): Promise<void> => {
    await send('PUT', '/admin/billing/pricing', { body: { ...sold, plan, ...changed, expectedVersion: version } });
    toast(words.saved);
    await reload();
  };
  return (
    <div class="grid">
      <Card title={texts.credits.tiers}>
        <SchemaForm key={version} schema={PRICING} value={sold} submit={texts.common.save} onSubmit={save} />
      </Card>
      <Card title={words.plan}>
        <p class="muted">{words.planIntro}</p>
        <SchemaForm key={version} schema={PLAN} value={(plan ?? {}) as Record<string, unknown>} submit={texts.common.save} onSubmit={(changed) => save({ plan: changed })}>
          {plan !== null && (
            <button type="button" class="button danger" onClick={() => void save({ plan: null })}>
              {words.noPlan}
            </button>
          )}
        </SchemaForm>
      </Card>
    </div>
  );
}

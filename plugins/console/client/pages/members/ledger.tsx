import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, newKey, send } from '../../ui/api.ts';
import { ask, Dialog } from '../../ui/dialog.tsx';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { formatNumber } from '../../ui/format.ts';
import { Button, Card, Figure } from '../../ui/parts.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { LedgerTable, type LedgerEntry } from '../credits/ledger-table.tsx';
import { nameOf, type Member } from './member.ts';

const GRANT: JsonSchema = {
  type: 'object',
  required: ['amount', 'reason'],
  properties: {
    amount: { type: 'integer', minimum: 1, maximum: 2_147_483_647, title: texts.credits.amount },
    reason: { type: 'string', minLength: 1, maxLength: 300, title: texts.common.reason, description: texts.credits.reasonHint },
  },
};

/** A member's credits: what is there, every entry, and corrections by new entries. */
export function MemberLedger({ member }: { member: Member }): JSX.Element {
  const [version, setVersion] = useState(0);
  const [granting, setGranting] = useState<string>();
  const newest = useLoad((signal) => get<LedgerEntry[]>('/admin/credits/ledger', { userId: member.id, limit: 1 }, signal), [member.id, version]);
  const changed = (text: string): void => {
    toast(text);
    setVersion((before) => before + 1);
  };
  const reverse = async (entry: LedgerEntry): Promise<void> => {
    const key = newKey();
    const reason = await ask({ title: texts.credits.reverse, text: texts.credits.reverseText(entry.amount), confirm: texts.credits.reverse, reason: texts.common.reason });
    if (reason === undefined) return;
    await send('POST', '/admin/credits/reverse', { body: { entryId: entry.id, reason }, key });
    changed(texts.credits.reversed);
  };
  return (
    <Card title={texts.credits.title} actions={<Button kind="primary" icon="plus" onClick={() => { setGranting(newKey()); }}>{texts.credits.grant}</Button>}>
      <div class="figures">
        <Figure label={texts.credits.balance} value={formatNumber(newest.data?.[0]?.balanceAfter ?? 0)} />
      </div>
      <LedgerTable query={{ userId: member.id }} version={version} onReverse={reverse} />
      {granting !== undefined && (
        <Dialog title={texts.credits.grantTo(nameOf(member))} onClose={() => { setGranting(undefined); }}>
          <SchemaForm
            schema={GRANT}
            submit={texts.credits.grant}
            onSubmit={async (body) => {
              await send('POST', '/admin/credits/grant', { body: { ...body, userId: member.id }, key: granting });
              setGranting(undefined);
              changed(texts.credits.granted);
            }}
          />
        </Dialog>
      )}
    </Card>
  );
}

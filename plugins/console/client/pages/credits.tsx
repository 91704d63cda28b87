import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { Card, PageHead, Tabs } from '../ui/parts.tsx';
import { location, setQuery } from '../ui/router.tsx';
import { LedgerTable } from './credits/ledger-table.tsx';
import { Prices } from './credits/prices.tsx';
import { Purchases } from './credits/purchases.tsx';
import { Tiers } from './credits/tiers.tsx';
import { Proof } from './credits/proof.tsx';

const TABS = [
  ['prices', texts.credits.prices],
  ['tiers', texts.credits.tiers],
  ['purchases', texts.credits.purchases],
  ['ledger', texts.credits.ledger],
] as const;

/** What credits buy, what they cost, who bought them, and the proof that all of it adds up. */
export default function CreditsPage(): JSX.Element {
  const tab = location.value.query.get('tab') ?? 'prices';
  return (
    <>
      <PageHead title={texts.credits.title} />
      <Proof />
      <Tabs label={texts.credits.title} tabs={TABS} chosen={tab} onChoose={(chosen) => { setQuery({ tab: chosen }); }} />
      {tab === 'prices' && <Prices />}
      {tab === 'tiers' && <Tiers />}
      {tab === 'purchases' && <Purchases />}
      {tab === 'ledger' && <Card title={texts.credits.ledger}><LedgerTable query={{}} /></Card>}
    </>
  );
}

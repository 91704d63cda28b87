import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { Card, PageHead, Tabs } from '../ui/parts.tsx';
import { location, setQuery } from '../ui/router.tsx';
import { may } from '../ui/session.ts';
import { LedgerTable } from './credits/ledger-table.tsx';
import { Prices } from './credits/prices.tsx';
import { Purchases } from './credits/purchases.tsx';
import { Tiers } from './credits/tiers.tsx';
import { Proof } from './credits/proof.tsx';

const TABS = ['prices', 'tiers', 'purchases', 'ledger'] as const;

/** What credits buy, what they cost, who bought them, and the proof that all of it adds up. */
export default function CreditsPage(): JSX.Element {
  const isOwner = may('admin');
  // Who only reads the money sees what was bought.
  const tabs = TABS.filter((name) => isOwner || name === 'purchases').map((name) => [name, texts.credits[name]] as const);
  const tab = tabs.find(([name]) => name === location.value.query.get('tab'))?.[0] ?? tabs[0]?.[0] ?? 'purchases';
  return (
    <>
      <PageHead title={texts.credits.title} />
      {isOwner && <Proof />}
      <Tabs label={texts.credits.title} tabs={tabs} chosen={tab} onChoose={(chosen) => { setQuery({ tab: chosen }); }} />
      {tab === 'prices' && <Prices />}
      {tab === 'tiers' && <Tiers />}
      {tab === 'purchases' && <Purchases />}
      {tab === 'ledger' && <Card title={texts.credits.ledger}><LedgerTable query={{}} /></Card>}
    </>
  );
}

import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get } from '../ui/api.ts';
import { BarChart } from '../ui/charts/bar-chart.tsx';
import { formatDay, formatTime, zone } from '../ui/format.ts';
import { useLive } from '../ui/live.ts';
import { Button, Card, ErrorBox, Loading, PageHead } from '../ui/parts.tsx';
import { Panels } from '../ui/panels/panels.tsx';
import { may } from '../ui/session.ts';
import { useLoad, type Loaded } from '../ui/use-load.ts';
import { readProof } from './credits/proof.tsx';
import { DataCard } from './home/data.tsx';
import { MoneyCard } from './home/money.tsx';
import { readWork, type Overview } from './home/overview.ts';
import { PeopleCard } from './home/people.tsx';
import { PluginsCard } from './home/plugins.tsx';
import { QuietMembers } from './home/quiet.tsx';
import { readPlugins } from './plugins/plugin.ts';

const words = texts.home;

/** Today, money, plugins and data: what an owner looks at first. Every number leads to its list. */
export default function HomePage(): JSX.Element {
  const { data, problem, isLoading, reload } = useLoad((signal) => get<Overview>('/admin/overview', {}, signal), []);
  // All of it is asked for at once: nothing waits for the rest.
  const plugins = useOwners(readPlugins);
  const work = useOwners(readWork);
  const proof = useOwners(readProof);
  useLive('monitor', () => void reload());
  return (
    <>
      <PageHead title={words.title}>
        {data && <span class="muted">{words.asOf(formatTime(data.at), zone())}</span>}
        <Button icon="refresh" isBusy={isLoading} onClick={reload}>{words.refresh}</Button>
      </PageHead>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {data === undefined && problem === undefined && <Loading rows={8} />}
      {data && (
        <>
          <PeopleCard {...data} />
          <Days {...data} />
          {data.money !== null && <MoneyCard {...data} money={data.money} proof={proof} />}
          <div class="grid">
            {may('admin') && <PluginsCard {...data} all={plugins.data} />}
            <DataCard {...data} work={work.data} />
          </div>
        </>
      )}
      <div class="follows" hidden={data === undefined}>
        <Panels page="home" />
      </div>
      {data && may('admin') && <QuietMembers count={data.people.quiet} />}
    </>
  );
}

/** What only an administrator is told; nobody else asks for it. */
function useOwners<Data>(load: (signal: AbortSignal) => Promise<Data>): Loaded<Data | undefined> {
  return useLoad<Data | undefined>((signal) => (may('admin') ? load(signal) : Promise.resolve(undefined)), []);
}

function Days({ days, money }: Pick<Overview, 'days' | 'money'>): JSX.Element {
  const labels = days.map(({ day }) => formatDay(day));
  const credits = (['sold', 'spent', 'given'] as const).map((name) => ({ name: words.creditSeries[name], values: days.map((day) => day[name] ?? 0) }));
  return (
    <div class="grid">
      <Card title={words.joinedChart}>
        <BarChart title={words.joinedChart} labels={labels} series={[{ name: words.joined, values: days.map(({ joined }) => joined) }]} />
      </Card>
      {money !== null && (
        <Card title={words.creditsChart}>
          <BarChart title={words.creditsChart} isGrouped labels={labels} series={credits} />
        </Card>
      )}
    </div>
  );
}

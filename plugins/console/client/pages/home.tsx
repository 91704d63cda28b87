import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { get } from '../ui/api.ts';
import { BarChart } from '../ui/charts/bar-chart.tsx';
import { formatDay, formatTime, zone } from '../ui/format.ts';
import { useLive } from '../ui/live.ts';
import { Button, Card, ErrorBox, Loading, PageHead } from '../ui/parts.tsx';
import { Panels } from '../ui/panels/panels.tsx';
import { may } from '../ui/session.ts';
import { useLoad } from '../ui/use-load.ts';
import { DataCard } from './home/data.tsx';
import { MoneyCard } from './home/money.tsx';
import type { Overview } from './home/overview.ts';
import { PeopleCard } from './home/people.tsx';
import { PluginsCard } from './home/plugins.tsx';
import { QuietMembers } from './home/quiet.tsx';

const words = texts.home;

/** Today, money, plugins and data: what an owner looks at first. Every number leads to its list. */
export default function HomePage(): JSX.Element {
  const { data, problem, isLoading, reload } = useLoad((signal) => get<Overview>('/admin/overview', {}, signal), []);
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
          {data.money !== null && <MoneyCard {...data} money={data.money} />}
          <div class="grid">
            {may('admin') && <PluginsCard {...data} />}
            <DataCard {...data} />
          </div>
          <Panels page="home" />
          {may('admin') && <QuietMembers count={data.people.quiet} />}
        </>
      )}
    </>
  );
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

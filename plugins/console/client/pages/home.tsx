import type { ComponentChildren, JSX } from 'preact';
import { texts } from '../texts.ts';
import { get } from '../ui/api.ts';
import { BarChart } from '../ui/charts/bar-chart.tsx';
import { formatAgo, formatBytes, formatDay, formatMoney, formatNumber, formatTime, zone } from '../ui/format.ts';
import { useLive } from '../ui/live.ts';
import { Button, Card, ErrorBox, Figure, Loading, PageHead, type Tone } from '../ui/parts.tsx';
import { Panels } from '../ui/panels/panels.tsx';
import { Link } from '../ui/router.tsx';
import { useLoad } from '../ui/use-load.ts';
import type { Overview, WorkState } from './home/overview.ts';
import { QuietMembers } from './home/quiet.tsx';
import type { AdminPlugin } from './plugins/plugin.ts';

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
          <People overview={data} />
          <div class="grid">
            <Card title={words.joinedChart}>
              <BarChart title={words.joinedChart} labels={data.days.map(({ day }) => formatDay(day))} series={[{ name: words.joined, values: data.days.map(({ joined }) => joined) }]} />
            </Card>
            <Card title={words.creditsChart}>
              <BarChart
                title={words.creditsChart}
                isGrouped
                labels={data.days.map(({ day }) => formatDay(day))}
                series={(['sold', 'spent', 'given'] as const).map((name) => ({ name: words.creditSeries[name], values: data.days.map((day) => day[name]) }))}
              />
            </Card>
          </div>
          <MoneyCard overview={data} />
          <div class="grid">
            <PluginsCard />
            <DataCard overview={data} />
          </div>
          <Panels page="home" />
          <QuietMembers count={data.people.quiet} />
        </>
      )}
    </>
  );
}

/** A figure that leads to what it counts. */
function Lead({ to, label, value, note, tone }: { to: string; label: string; value: ComponentChildren; note?: ComponentChildren; tone?: Tone }): JSX.Element {
  return (
    <Link to={to}>
      <Figure label={label} value={value} note={note} {...(tone && { tone })} />
    </Link>
  );
}

function People({ overview: { people } }: { overview: Overview }): JSX.Element {
  const locked = people.suspended + people.banned;
  return (
    <Card title={words.people}>
      <div class="figures">
        <Lead to="/members" label={words.members} value={formatNumber(people.members)} note={words.newThisWeek(people.new7)} />
        <Lead to="/members?state=active" label={words.activeToday} value={formatNumber(people.activeToday)} />
        <Lead to="/members?state=active" label={words.active7} value={formatNumber(people.active7)} note={words.active28(people.active28)} />
        <Lead to="/members?state=quiet" label={words.quiet} value={formatNumber(people.quiet)} tone={people.quiet > 0 ? 'warn' : 'neutral'} />
        <Lead to="/members?state=suspended" label={words.locked} value={formatNumber(locked)} note={words.bannedOf(people.banned)} />
        <Lead to="/members?state=leaving" label={words.leaving} value={formatNumber(people.leaving)} />
      </div>
    </Card>
  );
}

function MoneyCard({ overview: { money, days, data } }: { overview: Overview }): JSX.Element {
  const total = (name: 'sold' | 'spent'): number => days.reduce((sum, day) => sum + day[name], 0);
  const revenue = money.revenue.map(({ currency, amountCents }) => formatMoney(amountCents, currency)).join(' + ');
  return (
    <Card title={words.money} actions={<Link to="/credits" class="button">{words.prove}</Link>}>
      {!data.payments && <p class="muted">{words.noPayments}</p>}
      <div class="figures">
        <Lead to="/credits?tab=purchases" label={words.revenue} value={revenue === '' ? '–' : revenue} note={words.lastDays} />
        <Lead to="/credits?tab=ledger" label={words.sold} value={formatNumber(total('sold'))} note={words.lastDays} />
        <Lead to="/credits?tab=ledger" label={words.spent} value={formatNumber(total('spent'))} note={words.lastDays} />
        <Lead to="/credits?tab=ledger" label={words.outstanding} value={formatNumber(money.outstanding)} note={money.owed > 0 ? words.owed(money.owed) : undefined} tone={money.owed > 0 ? 'warn' : 'neutral'} />
        <Lead to="/credits?tab=tiers" label={words.subscriptions} value={formatNumber(money.subscriptions)} />
        <Lead to="/credits?tab=purchases&status=failed" label={words.failed} value={formatNumber(money.failedPurchases)} note={words.refunds(money.refundedPurchases)} tone={money.failedPurchases > 0 ? 'warn' : 'neutral'} />
        <Lead
          to="/jobs"
          label={words.webhook}
          value={formatNumber(money.waitingEvents)}
          note={money.lastEventAt === null ? words.noEvent : words.lastEvent(formatAgo(money.lastEventAt))}
          tone={money.failingEvents > 0 ? 'bad' : 'good'}
        />
      </div>
    </Card>
  );
}

function PluginsCard(): JSX.Element {
  const { data } = useLoad((signal) => get<AdminPlugin[]>('/admin/plugins', {}, signal), []);
  const on = data?.filter(({ state }) => state === 'enabled').length ?? 0;
  const ill = data?.filter(({ state, installedVersion }) => (state === 'failed' && installedVersion !== null) || state === 'quarantined' || state === 'missing') ?? [];
  const pending = data?.filter(({ installedVersion, diskVersion, bundled }) => !bundled && installedVersion !== null && diskVersion !== null && installedVersion !== diskVersion) ?? [];
  return (
    <Card title={words.plugins}>
      {data === undefined ? (
        <Loading />
      ) : (
        <>
          <div class="figures">
            <Lead to="/plugins" label={words.on} value={formatNumber(on)} />
            <Lead to="/plugins" label={words.ill} value={formatNumber(ill.length)} tone={ill.length > 0 ? 'bad' : 'good'} />
            <Lead to="/plugins" label={words.upgrades} value={formatNumber(pending.length)} tone={pending.length > 0 ? 'accent' : 'neutral'} />
          </div>
          <ul class="plain">
            {[...ill, ...pending].map(({ id, displayName, reason }) => (
              <li key={id}>
                <Link to={`/plugins/${id}`}>{displayName}</Link> <span class="muted">{reason}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function DataCard({ overview: { data } }: { overview: Overview }): JSX.Element {
  const { data: work } = useLoad((signal) => get<WorkState[]>('/admin/jobs', {}, signal), []);
  const count = (name: 'waiting' | 'failed'): number => work?.reduce((sum, state) => sum + state[name], 0) ?? 0;
  return (
    <Card title={words.data}>
      <div class="figures">
        <Lead to="/jobs" label={words.queue} value={work === undefined ? '…' : formatNumber(count('waiting'))} />
        <Lead to="/jobs" label={words.letters} value={work === undefined ? '…' : formatNumber(count('failed'))} tone={count('failed') > 0 ? 'bad' : 'good'} />
        <Figure label={words.database} value={formatBytes(data.databaseBytes)} note={words.versions(data.databaseVersion, data.version)} />
        <Figure label={words.disk} value={data.freeBytes === null ? '–' : formatBytes(data.freeBytes)} tone={data.freeBytes !== null && data.freeBytes < 1e9 ? 'bad' : 'neutral'} />
      </div>
    </Card>
  );
}

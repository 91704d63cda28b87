import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { Card } from '../../ui/parts.tsx';
import { Lead } from './lead.tsx';
import type { Overview } from './overview.ts';

const words = texts.home;

/** Who is there, who is new, and who needs to be looked after. */
export function PeopleCard({ people }: Pick<Overview, 'people'>): JSX.Element {
  const { nextErasureAt } = people;
  return (
    <Card title={words.people}>
      <div class="figures">
        <Lead to="/members" label={words.members} value={formatNumber(people.members)} note={words.newThisWeek(people.new7)} />
        <Lead to="/members?state=active" label={words.activeToday} value={formatNumber(people.activeToday)} />
        <Lead to="/members?state=active" label={words.active7} value={formatNumber(people.active7)} note={words.active28(people.active28)} />
        <Lead to="/members?state=quiet" label={words.quiet} value={formatNumber(people.quiet)} tone={people.quiet > 0 ? 'warn' : 'neutral'} />
        <Lead
          to={`/members?state=${people.banned > people.suspended ? 'banned' : 'suspended'}`}
          label={words.locked}
          value={formatNumber(people.suspended + people.banned)}
          note={people.banned === 0 ? undefined : words.bannedOf(people.banned)}
        />
        <Lead
          to="/members?state=leaving"
          label={words.leaving}
          value={formatNumber(people.leaving)}
          note={nextErasureAt === null ? undefined : words.nextErasure(formatDate(nextErasureAt))}
          tone={people.leaving > 0 ? 'warn' : 'neutral'}
        />
      </div>
    </Card>
  );
}

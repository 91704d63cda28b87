import type { JSX } from 'preact';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Badge, Button, Empty, ErrorBox, Loading } from '../../ui/parts.tsx';
import { Link, navigate } from '../../ui/router.tsx';
import { useNames } from '../exercise-names.ts';
import { Frame } from '../frame.tsx';
import { texts } from '../texts.ts';
import type { Workout } from '../types.ts';
import { usePages } from '../use-pages.ts';

const MOST_NAMED = 4;

/** Every workout, the newest first. */
export default function HistoryPage(): JSX.Element {
  const { rows, isLoading, problem, more, reload } = usePages<Workout>('/workouts');
  const names = useNames(rows.flatMap(({ exerciseData }) => exerciseData.slice(0, MOST_NAMED).map(({ exerciseId }) => exerciseId)));
  const actions = (
    <>
      <Link to="/history/import" class="button">
        <Icon name="upload" size={18} />
        <span>{texts.history.import}</span>
      </Link>
      <Button kind="primary" icon="plus" onClick={() => { navigate('/log'); }}>
        {texts.log.title}
      </Button>
    </>
  );
  return (
    <Frame title={texts.history.title} actions={actions}>
      {problem && <ErrorBox message={problem.message} retry={reload} />}
      {isLoading && rows.length === 0 && <Loading rows={6} />}
      {!isLoading && rows.length === 0 && problem === undefined && <Empty>{texts.history.empty}</Empty>}
      <ul class="plain workouts">
        {rows.map(({ id, date, totalTU, exerciseData, isPublic, notes }) => (
          <li key={id} class="card">
            <Link to={`/history/${id}`}>
              <span class="workout-head">
                <strong>{formatDate(date)}</strong>
                <Badge tone="accent">{texts.history.units(formatNumber(Math.round(totalTU)))}</Badge>
              </span>
              <span>{exerciseData.slice(0, MOST_NAMED).map(({ exerciseId }) => names(exerciseId)).join(', ')}{exerciseData.length > MOST_NAMED ? ' …' : ''}</span>
              <span class="muted">
                {[texts.history.exercises(exerciseData.length), ...(notes === null ? [] : [notes]), ...(isPublic ? [] : [texts.history.onlyMe])].join(' · ')}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {more && (
        <div class="more">
          <Button onClick={more}>{texts.history.older}</Button>
        </div>
      )}
    </Frame>
  );
}

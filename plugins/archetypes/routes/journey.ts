import { ApiError, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { findJourney, type MemberJourney } from '../models/members.ts';
import { muscleBalance } from '../muscle-balance.ts';
import { historyOf } from '../training.ts';
import { Journey } from './schemas.ts';

const WEEKS = 12;
const BALANCE_DAYS = 28;
const RECENT_LEVELS = 5;

/** GET /journey */
export function registerJourneyRoute(routes: RouteRegistrar, kernel: PluginKernel): void {
  routes.get(
    '/journey',
    { summary: 'Where the caller stands: level, streak, weeks and muscle balance', response: Journey },
    async ({ user: { id } }) => {
      const history = historyOf(kernel);
      const [member, totals, streaks, weeks, muscles] = await Promise.all([
        findJourney(kernel.database.knex, id, RECENT_LEVELS),
        history.totals([id]),
        history.streaks([id]),
        history.weeks([id], { weeks: WEEKS }),
        history.muscles([id], { days: BALANCE_DAYS }),
      ]);
      if (member === undefined) throw new ApiError('NOT_FOUND', 'This account is gone.');
      const { archetypeId, archetypeName, level, levelName, muscleTargets, recentLevels } = member;
      return {
        archetype: archetypeId === null || archetypeName === null ? null : { id: archetypeId, name: archetypeName },
        level,
        levelName,
        ...wayToNextLevel(member, totals.get(id)?.totalTU ?? 0),
        streak: streaks.get(id),
        weekly: weeks.get(id),
        muscleBalance: { days: BALANCE_DAYS, ...muscleBalance(muscles.get(id) ?? [], muscleTargets) },
        recentLevels,
      };
    },
  );
}

function wayToNextLevel(member: MemberJourney, totalTU: number): object {
  const { levelTU, nextLevelName, nextLevelTU } = member;
  const way = { totalTU, nextLevelName, nextLevelTU };
  if (levelTU === null) return { ...way, tuToNextLevel: null, progressPercent: null };
  if (nextLevelTU === null) return { ...way, tuToNextLevel: null, progressPercent: 100 };
  const done = Math.min(1, Math.max(0, (totalTU - levelTU) / (nextLevelTU - levelTU)));
  return {
    ...way,
    tuToNextLevel: Math.max(0, Math.round((nextLevelTU - totalTU) * 100) / 100),
    progressPercent: Math.floor(done * 1000) / 10,
  };
}

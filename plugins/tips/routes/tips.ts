import { invalid, Type, type RouteRegistrar } from 'musclemap';
import { contextualTips, type TipsContext } from '../choice/contextual.ts';
import { isTimeZone } from '../choice/time-of-day.ts';
import { findInsights } from '../insights/insights.ts';
import { dismissTip } from '../models/tips.ts';
import { fitnessOf } from '../training.ts';
import { ContextualQuery, Insight, ShownTip } from './schemas.ts';

/** GET /tips/contextual, POST /tips/:id/seen and GET /insights */
export function registerTipRoutes(routes: RouteRegistrar, context: TipsContext): void {
  const { kernel, hooks } = context;
  routes.get(
    '/tips/contextual',
    {
      summary: 'Tips that fit the caller: the same all day, not those of the last days, none that were dismissed',
      query: ContextualQuery,
      response: Type.Array(ShownTip),
    },
    async ({ user, query }) => {
      const { context: place = 'dashboard', limit = 3, timeZone = 'UTC', goal, exerciseId } = query;
      if (!isTimeZone(timeZone)) throw invalid('/query/timeZone', 'is not a time zone');
      if (exerciseId !== undefined && (await fitnessOf(kernel).catalogue.exercises([exerciseId])).size === 0) {
        throw invalid('/query/exerciseId', 'is not an exercise of the catalogue');
      }
      const tips = await contextualTips(context, { userId: user.id, place, limit, timeZone, goal, exerciseId });
      return tips.map(({ id, category, title, content, triggerType, triggerValue }) => ({
        ...{ id, category, title, content },
        ...{ triggerType, triggerValue },
      }));
    },
  );
  routes.post(
    '/tips/:id/seen',
    { summary: 'Dismisses a tip: the caller is not shown it again', status: 204, errors: ['NOT_FOUND'] },
    async ({ user, params }) => {
      await dismissTip(kernel.database.knex, user.id, params.id ?? '', kernel.clock.now());
    },
  );
  routes.get(
    '/insights',
    { summary: "What the rules see in the caller's training, with the numbers; the most urgent first", response: Type.Array(Insight) },
    ({ user }) => findInsights(kernel, hooks, user.id),
  );
}

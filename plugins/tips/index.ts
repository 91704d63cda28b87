import { definePlugin } from 'musclemap';
import './hooks.ts';
import { catchUp, catchUpWithCalendar, requestCatchUp, type CatchUpPage } from './milestones/catch-up.ts';
import { evaluateMilestones } from './milestones/evaluate.ts';
import { loadShipped } from './models/shipped.ts';
import { registerPanels } from './panels.ts';
import { personalData } from './personal-data.ts';
import { registerMilestoneAdministration, registerTipAdministration } from './routes/administration.ts';
import { registerMilestoneRoutes } from './routes/milestones.ts';
import { registerTipRoutes } from './routes/tips.ts';

/** What may move a member's milestones. */
const EVENTS = [
  'workout.logged',
  'workout.changed',
  'workout.deleted',
  'workouts.imported',
  'workouts.import-undone',
  'level.reached',
] as const;

export default definePlugin<Record<string, never>, 'tips'>({
  apply(kernel) {
    const { hooks, database } = kernel;
    const offered = kernel.offer({
      hooks: {
        triggers: 'waterfall',
        triggerValues: 'decision',
        conditions: 'waterfall',
        conditionMeasured: 'decision',
        insights: 'waterfall',
      },
      services: {
        milestones: { recheck: (trx, userId) => kernel.jobs.enqueue('recheck', { userId }, { trx }) },
      },
    });
    const context = { kernel, hooks: offered };

    hooks.migrations.tap('tips', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.start.tapPromise('tips', async ({ wasOff }) => {
      await database.transaction(async (trx) => {
        const isNew = await loadShipped(trx);
        if (isNew) kernel.log.info('the tips and milestones have been brought up to date');
        if (isNew || wasOff) await requestCatchUp(context, null, trx);
      });
    });
    hooks.events.tap('tips', (events) => {
      for (const name of EVENTS) events.on(name, ({ payload }) => evaluateMilestones(context, [payload.userId]));
    });
    hooks.jobs.tap('tips', (jobs) => {
      jobs.add<{ userId: string }>('recheck', {}, ({ userId }) => evaluateMilestones(context, [userId]));
      jobs.add<CatchUpPage>('catch-up', {}, (page) => catchUp(context, page));
      jobs.add('calendar', { cron: '15 3 * * *' }, () => catchUpWithCalendar(context));
    });
    hooks.exporters.tap('tips', (exporters) => {
      exporters.add(personalData(database.knex));
    });
    hooks.routes.tap('tips', (routes) => {
      registerTipRoutes(routes, context);
      registerMilestoneRoutes(routes, context);
      registerTipAdministration(routes, context);
      registerMilestoneAdministration(routes, context);
    });
    hooks.panels.tap('tips', registerPanels);
  },
});

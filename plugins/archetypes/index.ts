import { definePlugin } from 'musclemap';
import './hooks.ts';
import { catchUpLevels, catchUpMember, requestCatchUp, type CatchUpPage } from './catch-up.ts';
import { rememberThresholds, updateLevels } from './levels.ts';
import { loadArchetypes } from './models/catalogue.ts';
import { findFocus } from './models/members.ts';
import { registerPanels } from './panels.ts';
import { personalData } from './personal-data.ts';
import { registerArchetypeRoutes } from './routes/archetypes.ts';
import { registerJourneyRoute } from './routes/journey.ts';

/** What a level follows in the transaction itself. These events come after it and mend what a failure there has left undone. */
const ADDING = ['workout.logged', 'workouts.imported'] as const;
const TAKING = ['workout.changed', 'workout.deleted', 'workouts.import-undone'] as const;

export default definePlugin<Record<string, never>, 'archetypes'>({
  apply(kernel) {
    const { hooks, database } = kernel;
    const fitness = kernel.plugin('fitness');
    const thresholds = rememberThresholds(kernel);
    const context = { kernel, thresholds: thresholds.read };

    hooks.migrations.tap('archetypes', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.start.tapPromise('archetypes', async ({ wasOff }) => {
      await database.transaction(async (trx) => {
        const isNew = await loadArchetypes(trx);
        if (isNew) kernel.log.info('the archetypes and their levels have been brought up to date');
        if (isNew || wasOff) await requestCatchUp(context, trx, { mayFall: wasOff });
      });
      thresholds.forget();
      await thresholds.read();
    });
    hooks.jobs.tap('archetypes', (jobs) => {
      jobs.add<CatchUpPage>('catch-up', {}, (page) => catchUpLevels(context, page));
    });
    hooks.events.tap('archetypes', (events) => {
      for (const name of ADDING) events.on(name, ({ payload }) => catchUpMember(context, payload.userId, { mayFall: false }));
      for (const name of TAKING) events.on(name, ({ payload }) => catchUpMember(context, payload.userId, { mayFall: true }));
    });
    hooks.exporters.tap('archetypes', (exporters) => {
      exporters.add(personalData(database.knex));
    });
    hooks.routes.tap('archetypes', (routes) => {
      registerArchetypeRoutes(routes, context);
      registerJourneyRoute(routes, kernel);
    });
    hooks.panels.tap('archetypes', registerPanels);
    fitness.hooks.workoutLogged.tapPromise('archetypes', ({ trx, userId }) =>
      updateLevels(context, trx, [userId], { mayFall: false }),
    );
    fitness.hooks.workoutsImported.tapPromise('archetypes', ({ trx, userId }) =>
      updateLevels(context, trx, [userId], { mayFall: false }),
    );
    fitness.hooks.workoutChanged.tapPromise('archetypes', ({ trx, userId }) =>
      updateLevels(context, trx, [userId], { mayFall: true }),
    );
    fitness.hooks.focus.tapPromise('archetypes', async ({ userId }) => {
      const focus = await findFocus(database.knex, userId);
      return focus && { source: focus.archetypeId, muscles: focus.muscleTargets };
    });
  },
});

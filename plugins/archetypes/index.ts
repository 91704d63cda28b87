import { definePlugin } from 'musclemap';
import './hooks.ts';
import { catchUpLevels, type CatchUpPage } from './catch-up.ts';
import { rememberThresholds, updateLevels } from './levels.ts';
import { loadArchetypes } from './models/catalogue.ts';
import { findFocus } from './models/members.ts';
import { personalData } from './personal-data.ts';
import { registerArchetypeRoutes } from './routes/archetypes.ts';
import { registerJourneyRoute } from './routes/journey.ts';

export default definePlugin<Record<string, never>, 'archetypes'>({
  apply(kernel) {
    const { hooks, database } = kernel;
    const fitness = kernel.plugin('fitness');
    const thresholds = rememberThresholds(kernel);
    const context = { kernel, thresholds: thresholds.read };

    hooks.migrations.tap('archetypes', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.start.tapPromise('archetypes', async () => {
      const isNew = await database.transaction(loadArchetypes);
      if (isNew) kernel.log.info('the archetypes and their levels have been brought up to date');
      thresholds.forget();
      await thresholds.read();
      await kernel.jobs.enqueue('catch-up', { after: '' } satisfies CatchUpPage);
    });
    hooks.jobs.tap('archetypes', (jobs) => {
      jobs.add<CatchUpPage>('catch-up', {}, (page) => catchUpLevels(context, page));
    });
    hooks.exporters.tap('archetypes', (exporters) => {
      exporters.add(personalData(database.knex));
    });
    hooks.routes.tap('archetypes', (routes) => {
      registerArchetypeRoutes(routes, context);
      registerJourneyRoute(routes, kernel);
    });
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

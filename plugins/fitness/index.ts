import { definePlugin, type Transaction } from 'musclemap';
import './hooks.ts';
import { registerCatalogueImport } from './import-catalogue.ts';
import { registerHistory } from './history/register.ts';
import { Boards } from './models/boards.ts';
import { CatalogueCache } from './models/catalogue-cache.ts';
import { loadCatalogue, type Catalogue } from './models/catalogue.ts';
import { setListed, takeListingsOver } from './models/leaderboard.ts';
import { ownExercises } from './personal-data.ts';
import { registerPrescriptions } from './prescriptions/register.ts';
import { registerPanels } from './panels.ts';
import { registerAdministration } from './routes/administration.ts';
import { registerCatalogueRoutes } from './routes/catalogue.ts';
import { registerLeaderboardRoutes } from './routes/leaderboard.ts';
import { registerOwnExerciseRoutes } from './routes/own-exercises.ts';
import { registerStatisticsRoutes } from './routes/statistics.ts';
import { registerWorkoutRoutes } from './routes/workouts.ts';
import { createServices } from './services.ts';

export default definePlugin<Record<string, never>, 'fitness'>({
  apply(kernel) {
    const { hooks } = kernel;
    const cache = new CatalogueCache(kernel.database.knex);
    const catalogue = (trx?: Transaction): Promise<Catalogue> => cache.current(trx);
    const boards = new Boards(kernel.database.knex);
    const offered = kernel.offer({
      hooks: {
        workoutLogged: 'transaction',
        workoutsImported: 'transaction',
        workoutChanged: 'transaction',
        focus: 'decision',
      },
      services: createServices(kernel, catalogue),
    });

    hooks.migrations.tap('fitness', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.creditActions.tap('fitness', (actions) => {
      actions.add({ id: 'workout.log', name: 'Log a workout', defaultCost: 25 });
    });
    hooks.start.tapPromise('fitness', async ({ wasOff }) => {
      const isNew = await kernel.database.transaction(loadCatalogue);
      if (wasOff) await takeListingsOver(kernel.database.knex);
      if (isNew) kernel.log.info('the catalogue of muscles and exercises has been brought up to date');
      cache.forget();
    });
    hooks.visibilityChanged.tapPromise('fitness', ({ trx, userId, visibility }) => setListed(trx, userId, visibility.onLeaderboard));
    hooks.exporters.tap('fitness', (exporters) => {
      exporters.add(ownExercises(kernel.database.knex));
    });
    registerHistory(kernel, { hooks: offered, catalogue });
    registerPrescriptions({ kernel, hooks: offered });
    hooks.commands.tap('fitness', (commands) => {
      registerCatalogueImport(commands, kernel);
    });
    hooks.jobs.tap('fitness', (jobs) => {
      jobs.add('prepare-leaderboards', { cron: '7 * * * *', timeLimitSeconds: 3600 }, () => boards.prepare(kernel.clock.now()));
      jobs.add('fold-leaderboards', { cron: '* * * * *' }, () => boards.fold());
    });
    hooks.routes.tap('fitness', (routes) => {
      registerCatalogueRoutes(routes);
      registerOwnExerciseRoutes(routes, { kernel, catalogue });
      registerStatisticsRoutes(routes, { kernel, catalogue });
      registerLeaderboardRoutes(routes, kernel, boards);
      registerWorkoutRoutes(routes, { kernel, hooks: offered, catalogue });
      registerAdministration(routes, kernel);
    });
    hooks.panels.tap('fitness', registerPanels);
  },
});

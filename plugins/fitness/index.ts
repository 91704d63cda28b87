import { definePlugin } from 'musclemap';
import './hooks.ts';
import { loadCatalogue, readCatalogue, type Catalogue } from './models/catalogue.ts';
import { registerCatalogueRoutes } from './routes/catalogue.ts';
import { registerWorkoutRoutes } from './routes/workouts.ts';

export default definePlugin<Record<string, never>, 'fitness'>({
  apply(kernel) {
    const { hooks } = kernel;
    const offered = kernel.offer({ hooks: { workoutLogged: 'transaction' }, services: {} });
    let catalogue: Promise<Catalogue> | undefined;

    hooks.migrations.tap('fitness', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.creditActions.tap('fitness', (actions) => {
      actions.add({ id: 'workout.log', name: 'Log a workout', defaultCost: 25 });
    });
    hooks.start.tapPromise('fitness', async () => {
      const isNew = await kernel.database.transaction(loadCatalogue);
      if (isNew) kernel.log.info('the catalogue of muscles and exercises has been brought up to date');
      catalogue = undefined;
    });
    hooks.routes.tap('fitness', (routes) => {
      registerCatalogueRoutes(routes, kernel);
      registerWorkoutRoutes(routes, {
        kernel,
        hooks: offered,
        catalogue: () => {
          catalogue ??= readCatalogue(kernel.database.knex).catch((error: unknown) => {
            catalogue = undefined;
            throw error;
          });
          return catalogue;
        },
      });
    });
  },
});

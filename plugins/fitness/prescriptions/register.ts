import { registerPrescriptionRoutes, type PrescriptionContext } from '../routes/prescriptions.ts';

/** Plans for tomorrow: routes, their price, and what is kept of a member. */
export function registerPrescriptions(context: PrescriptionContext): void {
  const { hooks, database } = context.kernel;
  hooks.creditActions.tap('fitness', (actions) => {
    actions.add({ id: 'prescription.generate', name: 'A plan for a session', defaultCost: 1 });
  });
  hooks.routes.tap('fitness', (routes) => {
    registerPrescriptionRoutes(routes, context);
  });
  hooks.exporters.tap('fitness', (exporters) => {
    exporters.add({
      name: 'prescriptions',
      export: async (userId) => ({ plans: await database.knex('prescriptions').where({ user_id: userId }).orderBy('id') }),
      erase: async (trx, userId) => {
        await trx('prescriptions').where({ user_id: userId }).delete();
      },
    });
  });
}

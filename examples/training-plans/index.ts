import { randomUUID } from 'node:crypto';
import { ApiError, created, definePlugin, Type } from 'musclemap';
import { planWeek } from './plan.ts';

const Order = Type.Object(
  {
    days: Type.Integer({ minimum: 2, maximum: 4, description: 'Sessions a week' }),
    minutes: Type.Integer({ minimum: 10, maximum: 1_000, description: 'For the whole week' }),
  },
  { additionalProperties: false },
);
const Plan = Type.Object({
  id: Type.String(),
  days: Type.Integer(),
  minutes: Type.Integer(),
  status: Type.Enum(['ordered', 'ready', 'refunded']),
  sessions: Type.Union([Type.Array(Type.Object({ focus: Type.String(), minutes: Type.Integer() })), Type.Null()]),
});
const COLUMNS = ['id', 'days', 'minutes', 'status', 'sessions'];

export default definePlugin({
  apply(kernel) {
    kernel.hooks.migrations.tap('training-plans', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));

    kernel.hooks.creditActions.tap('training-plans', (actions) => {
      actions.add({ id: 'training-plans.order', name: 'A training plan', defaultCost: 10 });
    });

    kernel.hooks.routes.tap('training-plans', (routes) => {
      // Charged, stored and queued in one transaction: who pays gets a plan, or the credits back.
      routes.post(
        '/training-plans',
        { summary: 'Orders a training plan', body: Order, response: Plan, status: 201, priced: 'training-plans.order' },
        async ({ body, user, trx, charge }) => {
          const id = `plan_${randomUUID()}`;
          await trx('training_plans').insert({ id, user_id: user.id, ...body, entry_id: charge.entryId });
          await kernel.jobs.enqueue('write', { id }, { trx });
          return created(`/api/training-plans/${id}`, { id, ...body, status: 'ordered', sessions: null });
        },
      );
      routes.get(
        '/training-plans/:id',
        { summary: 'One of the caller’s plans', params: Type.Object({ id: Type.String() }), response: Plan, errors: ['NOT_FOUND'] },
        async ({ params: { id }, user }) => {
          const plan: unknown = await kernel.database.knex('training_plans').where({ id, user_id: user.id }).first(COLUMNS);
          if (plan === undefined) throw new ApiError('NOT_FOUND', 'No plan of yours has this id.');
          return plan;
        },
      );
    });

    kernel.hooks.jobs.tap('training-plans', (jobs) => {
      jobs.add<{ id: string }>('write', {}, ({ id }) =>
        kernel.database.transaction(async (trx) => {
          const plan = await trx('training_plans')
            .where({ id, status: 'ordered' })
            .forUpdate()
            .first<{ user_id: string; days: number; minutes: number; entry_id: string | null } | undefined>();
          // A run that was tried again after it had been done.
          if (plan === undefined) return;
          const sessions = planWeek(plan.days, plan.minutes);
          const status = sessions === undefined ? 'refunded' : 'ready';
          await trx('training_plans').where({ id }).update({ status, sessions: sessions ? JSON.stringify(sessions) : null });
          if (sessions === undefined && plan.entry_id !== null) {
            await kernel.credits.refund(trx, { userId: plan.user_id, entryId: plan.entry_id, key: id });
          }
        }),
      );
    });
  },
});

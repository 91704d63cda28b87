import { definePlugin, Type } from 'musclemap';
import { registerPanels } from './panels.ts';

/**
 * Tips asks its neighbours: which conditions and triggers there are, how far members have come, and what there is to say to them.
 * Administrators make milestones and tips of `hydration.glasses` and `hydration.state` as of any other type.
 */
export default definePlugin<{ goal: number }>({
  apply(kernel) {
    const { knex } = kernel.database;
    const tips = kernel.plugin('tips');
    const count = async (userIds: readonly string[]): Promise<Map<string, number>> => {
      const rows = await knex('hydration_glasses')
        .whereIn('user_id', [...userIds])
        .groupBy('user_id')
        .select<{ userId: string; glasses: number }[]>({ userId: 'user_id' }, knex.raw('count(*)::INTEGER AS glasses'));
      return new Map(rows.map(({ userId, glasses }) => [userId, glasses]));
    };

    kernel.hooks.migrations.tap('hydration', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.routes.tap('hydration', (routes) => {
      const Glasses = Type.Object({ glasses: Type.Integer() });
      const OfGoal = Type.Object({ glasses: Type.Integer(), goal: Type.Integer() });
      routes.get('/hydration/glasses', { summary: 'How many glasses the caller has drunk, of how many', response: OfGoal }, async ({ user }) => ({
        glasses: (await count([user.id])).get(user.id) ?? 0,
        goal: kernel.config.goal,
      }));
      const Drinker = Type.Object({ user: Type.Object({ id: Type.String(), username: Type.String() }), glasses: Type.Integer(), state: Type.Enum(['reached', 'below']) });
      routes.get('/hydration/drinkers', { summary: 'Who drinks the most', auth: 'admin', response: Type.Array(Drinker) }, async () => {
        const rows = await knex('hydration_glasses')
          .groupBy('user_id')
          .orderBy('glasses', 'desc')
          .limit(20)
          .select<{ id: string; glasses: number }[]>({ id: 'user_id' }, knex.raw('count(*)::INTEGER AS glasses'));
        const profiles = await kernel.users.profiles(rows.map(({ id }) => id));
        const stateOf = (glasses: number): string => (glasses < kernel.config.goal ? 'below' : 'reached');
        return rows.map(({ id, glasses }) => ({ user: { id, username: profiles.get(id)?.username ?? '' }, glasses, state: stateOf(glasses) }));
      });
      routes.post('/hydration/glasses', { summary: 'Drinks a glass of water', status: 201, transaction: true, response: Glasses }, async ({ user, trx }) => {
        await trx('hydration_glasses').insert({ user_id: user.id });
        await tips.services?.milestones.recheck(trx, user.id);
        const [row] = await trx('hydration_glasses').where({ user_id: user.id }).count<{ glasses: number }[]>({ glasses: '*' });
        return { glasses: row?.glasses ?? 0 };
      });
    });

    kernel.hooks.panels.tap('hydration', registerPanels);

    tips.hooks.conditions.tap('hydration', (types) => [...types, { type: 'hydration.glasses', summary: 'Glasses of water' }]);
    tips.hooks.conditionMeasured.tapPromise('hydration', async ({ type, userIds }) =>
      type === 'hydration.glasses' ? count(userIds) : undefined,
    );
    tips.hooks.triggers.tap('hydration', (types) => [...types, { type: 'hydration.state', summary: 'dry, or watered' }]);
    tips.hooks.triggerValues.tapPromise('hydration', async ({ type, userId }) => {
      if (type !== 'hydration.state') return undefined;
      return [(await count([userId])).has(userId) ? 'watered' : 'dry'];
    });
    tips.hooks.insights.tapPromise('hydration', async (insights, { userId }) => {
      const glasses = (await count([userId])).get(userId) ?? 0;
      if (glasses === 0) return insights;
      const message = `You have logged ${String(glasses)} glasses of water so far.`;
      return [...insights, { rule: 'hydration.glasses', subject: null, severity: 'info', title: 'Water', message, numbers: { glasses } }];
    });
  },
});

import { definePlugin, type EventName, type PluginKernel } from 'musclemap';
import './hooks.ts';
import { Competitions } from './competitions/competitions.ts';
import { Scoring } from './competitions/scoring.ts';
import { Feed, type CommunityConfig } from './feed.ts';
import { findHidden, isBlocked } from './models/blocks.ts';
import { removeActivitiesBefore } from './models/activities.ts';
import { countFinished, findCompetition } from './models/competitions.ts';
import { moderates } from './competitions/competitions.ts';
import { registerPanels } from './panels.ts';
import { erasePersonalData, exportPersonalData } from './personal-data.ts';
import { Whereabouts } from './presence/whereabouts.ts';
import { registerCompetitionRoutes } from './routes/competitions.ts';
import { registerFeedRoutes } from './routes/feed.ts';
import { registerGroupRoutes } from './routes/groups.ts';
import { registerPeopleRoutes } from './routes/people.ts';
import { HeartbeatBody, beat, registerPresenceRoutes } from './routes/presence.ts';
import { registerReportRoutes } from './routes/reports.ts';

type Kernel = PluginKernel<CommunityConfig, 'community'>;

const DAY_MS = 86_400_000;

export default definePlugin<CommunityConfig, 'community'>({
  apply(kernel) {
    const { hooks } = kernel;
    const whereabouts = new Whereabouts(kernel);
    const scoring = new Scoring(kernel);
    const competitions = new Competitions(kernel, scoring);

    hooks.migrations.tap('community', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.routes.tap('community', (routes) => {
      registerFeedRoutes(routes, kernel);
      registerPresenceRoutes(routes, kernel, whereabouts);
      registerGroupRoutes(routes, kernel);
      registerCompetitionRoutes(routes, { kernel, competitions, scoring });
      registerPeopleRoutes(routes, kernel);
      registerReportRoutes(routes, kernel);
    });
    hooks.panels.tap('community', registerPanels);
    registerEvents(kernel, new Feed(kernel), scoring);
    registerChannels(kernel, whereabouts);
    registerJobs(kernel, competitions, whereabouts);
    const tips = kernel.plugin('tips');
    tips.hooks.conditions.tap('community', (types) => [...types, { type: 'competitions', summary: 'Competitions finished' }]);
    tips.hooks.conditionMeasured.tapPromise('community', async ({ type, userIds }) =>
      type === 'competitions' ? countFinished(kernel.database.knex, userIds) : undefined,
    );
    hooks.mayContact.tapPromise('community', async ({ fromId, toIds, trx }) =>
      (await isBlocked(trx ?? kernel.database.knex, fromId, toIds)) ? false : undefined,
    );
    hooks.exporters.tap('community', (exporters) => {
      exporters.add({ export: (userId) => exportPersonalData(kernel.database.knex, userId), erase: erasePersonalData });
    });
  },
});

function registerEvents(kernel: Kernel, feed: Feed, scoring: Scoring): void {
  kernel.hooks.events.tap('community', (events) => {
    const rescore = (userId: string): Promise<void> => kernel.database.transaction((trx) => scoring.rescoreMember(trx, userId));
    const alsoRescore = new Set<EventName>(['workout.logged', 'workout.changed', 'workout.deleted']);
    feed.register({
      on: (name, handler) => {
        events.on(name, async (event) => {
          await handler(event);
          if (alsoRescore.has(name) && 'userId' in event.payload) await rescore(event.payload.userId);
        });
      },
    });
    events.on('workouts.imported', ({ payload }) => rescore(payload.userId));
    events.on('workouts.import-undone', ({ payload }) => rescore(payload.userId));
    events.on('user.blocked', async ({ payload: { blockerId, blockedId } }) => {
      await kernel.realtime.recheck('community', blockerId);
      await kernel.realtime.recheck('community', blockedId);
    });
  });
}

function registerChannels(kernel: Kernel, whereabouts: Whereabouts): void {
  const { knex } = kernel.database;
  kernel.hooks.channels.tap('community', (channels) => {
    channels.add<{ isSignedIn: boolean; hidden: ReadonlySet<string> }>('community', {
      summary: 'What people do, as it happens',
      audience: 'public',
      authorize: async ({ user }) => ({ isSignedIn: user !== undefined, hidden: user === undefined ? new Set() : await findHidden(knex, user.id) }),
      filter: ({ data }, { isSignedIn, hidden }) => {
        const { user } = data as { user: { id: string } | null };
        return user === null || (isSignedIn && !hidden.has(user.id));
      },
    });
    channels.add('competition:{id}', {
      summary: 'Scores of a competition, and when it starts and ends',
      authorize: async ({ user, params }) =>
        user !== undefined && (await findCompetition(knex, params.id ?? '', { me: user.id, seesAll: moderates(user) })) !== undefined,
    });
    channels.add('reports', { summary: 'Reports, for moderators', authorize: ({ user }) => user !== undefined && moderates(user) });
    channels.on('heartbeat', HeartbeatBody, ({ user, body }) => beat(kernel, whereabouts, user.id, body));
  });
}

function registerJobs(kernel: Kernel, competitions: Competitions, whereabouts: Whereabouts): void {
  kernel.hooks.jobs.tap('community', (jobs) => {
    jobs.add('advance-competitions', { cron: '* * * * *' }, () => competitions.advance());
    jobs.add('sweep-presence', { cron: '*/5 * * * *' }, () => whereabouts.sweep());
    jobs.add('forget-activities', { cron: '20 3 * * *', timeLimitSeconds: 3600 }, async () => {
      const before = new Date(kernel.clock.now().getTime() - kernel.config.feedRetentionDays * DAY_MS);
      while (await removeActivitiesBefore(kernel.database.knex, before));
    });
  });
}

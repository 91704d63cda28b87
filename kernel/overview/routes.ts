import type { Knex } from 'knex';
import Type from 'typebox';
import { Nullable, Timestamp } from '../accounts/schemas.ts';
import type { PermissionRegistrar } from '../accounts/permissions.ts';
import { MONEY_PERMISSION } from '../billing/permissions.ts';
import type { Caller, RouteRegistrar } from '../http/route.ts';
import type { FaultHours } from '../plugins/health/fault-hours.ts';
import { QUIET_DAYS, readData, readDays, readLastPluginChange, readMoney, readPeople, TOLD_DAYS } from './overview.ts';

const Count = Type.Integer({ minimum: 0 });
const Credits = Nullable(Type.Integer());
const Backup = Nullable(Type.Object({ file: Type.String(), at: Timestamp }));

const Overview = Type.Object({
  at: Timestamp,
  people: Type.Object({
    members: Count,
    activeToday: Type.Integer({ description: 'Seen in the last 24 hours' }),
    active7: Count,
    active28: Count,
    new7: Count,
    quiet: Type.Integer({ description: `Not seen for ${String(QUIET_DAYS)} days or longer` }),
    suspended: Count,
    banned: Count,
    leaving: Type.Integer({ description: 'Accounts that will be erased' }),
    nextErasureAt: Nullable(Timestamp),
  }),
  days: Type.Array(
    Type.Object({ day: Type.String({ format: 'date' }), joined: Count, sold: Credits, spent: Credits, given: Credits }),
    { description: `The last ${String(TOLD_DAYS)} days in UTC; sold, spent and given are credits, null for who may not see money` },
  ),
  money: Nullable(
    Type.Object({
      outstanding: Type.Integer({ description: 'Credits that members hold' }),
      owed: Type.Integer({ description: 'Credits that were spent before their money was taken back' }),
      subscriptions: Count,
      revenue: Type.Array(Type.Object({ currency: Type.String(), amountCents: Type.Integer() }), { description: 'Less refunds' }),
      failedPurchases: Count,
      refundedPurchases: Count,
      waitingEvents: Type.Integer({ description: 'Events of Stripe that are not worked on yet' }),
      failingEvents: Count,
      lastEventAt: Nullable(Timestamp),
    }),
  ),
  plugins: Type.Object({
    lastChange: Nullable(
      Type.Object({
        at: Timestamp,
        action: Type.String(),
        plugin: Type.String(),
        actor: Type.Object({ kind: Type.String(), id: Nullable(Type.String()), username: Nullable(Type.String()) }),
      }),
    ),
    faults: Type.Array(Type.Object({ plugin: Type.String(), faults: Count }), {
      description: 'How often each plugin failed in the last 24 hours, on all instances together; those that did not are not named',
    }),
  }),
  data: Type.Object({
    version: Type.String(),
    databaseVersion: Type.String(),
    databaseBytes: Type.Integer(),
    freeBytes: Nullable(Type.Integer()),
    payments: Type.Boolean({ description: 'Whether anything can be bought here' }),
    written: { ...Backup, description: 'When everything was last written into a file by `musclemap backup`' },
    tested: { ...Backup, description: 'When such a file was last restored, also by `musclemap restore --test`' },
  }),
});

/** Figures of how the gym does; money only with `billing.read` beside it. */
const OVERVIEW_PERMISSION = 'overview.read';

/** Who sees how the gym does. */
export function registerOverviewPermissions(permissions: PermissionRegistrar): void {
  permissions.add({ id: OVERVIEW_PERMISSION, description: "Sees the console's first page: how many members, how the server does", roles: ['moderator'] });
}

export interface OverviewServices {
  knex: Knex;
  home: string;
  version: string;
  faultHours: Pick<FaultHours, 'read'>;
  /** Whether Stripe is set up. */
  sells: () => boolean;
  permits: (caller: Caller, permission: string) => boolean;
}

/** GET /admin/overview: what an owner looks at first. */
export function registerOverviewRoutes(routes: RouteRegistrar, { knex, home, version, faultHours, sells, permits }: OverviewServices): void {
  routes.get(
    '/admin/overview',
    { summary: 'People, money and data at a glance', auth: { permission: OVERVIEW_PERMISSION }, response: Overview },
    async ({ user }) => {
      const maySeeMoney = permits(user, MONEY_PERMISSION);
      const [people, days, money, data, lastChange, faults] = await Promise.all([
        ...[readPeople(knex), readDays(knex), maySeeMoney ? readMoney(knex) : null] as const,
        ...[readData(knex, home), readLastPluginChange(knex), faultHours.read()] as const,
      ]);
      return {
        ...{ at: new Date().toISOString(), people, money, plugins: { lastChange, faults } },
        days: maySeeMoney ? days : days.map(({ day, joined }) => ({ day, joined, sold: null, spent: null, given: null })),
        data: { version, ...data, payments: sells() },
      };
    },
  );
}

import type { Knex } from 'knex';
import Type from 'typebox';
import { Nullable, Timestamp } from '../accounts/schemas.ts';
import type { RouteRegistrar } from '../http/route.ts';
import { QUIET_DAYS, readData, readDays, readMoney, readPeople, TOLD_DAYS } from './overview.ts';

const Count = Type.Integer({ minimum: 0 });
const Credits = Type.Integer();

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
  }),
  days: Type.Array(
    Type.Object({ day: Type.String({ format: 'date' }), joined: Count, sold: Credits, spent: Credits, given: Credits }),
    { description: `The last ${String(TOLD_DAYS)} days in UTC; sold, spent and given are credits` },
  ),
  money: Type.Object({
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
  data: Type.Object({
    version: Type.String(),
    databaseVersion: Type.String(),
    databaseBytes: Type.Integer(),
    freeBytes: Nullable(Type.Integer()),
    payments: Type.Boolean({ description: 'Whether anything can be bought here' }),
  }),
});

export interface OverviewServices {
  knex: Knex;
  home: string;
  version: string;
  /** Whether Stripe is set up. */
  sells: () => boolean;
}

/** GET /admin/overview: what an owner looks at first. */
export function registerOverviewRoutes(routes: RouteRegistrar, { knex, home, version, sells }: OverviewServices): void {
  routes.get(
    '/admin/overview',
    { summary: 'People, money and data at a glance', auth: 'admin', response: Overview },
    async () => {
      const [people, days, money, data] = await Promise.all([readPeople(knex), readDays(knex), readMoney(knex), readData(knex, home)]);
      return { at: new Date().toISOString(), people, days, money, data: { version, ...data, payments: sells() } };
    },
  );
}

import Type from 'typebox';
import { RawReply, type RouteRegistrar } from '../http/route.ts';
import { requestErasure, type ErasureContext } from './erasure.ts';
import { exportEverything } from './export.ts';
import { CurrentPassword, Timestamp } from './schemas.ts';
import { changePrivacy, findPrivacy } from './visibility.ts';

const visibility = {
  profile: Type.Enum(['public', 'members', 'private']),
  onLeaderboard: Type.Boolean(),
  inFeed: Type.Boolean(),
  searchable: Type.Boolean(),
};
const Privacy = Type.Object({
  ...visibility,
  consents: Type.Record(Type.String(), Type.Object({ granted: Type.Boolean(), at: Timestamp })),
});
const PrivacyChange = Type.Object(
  {
    ...Type.Partial(Type.Object(visibility)).properties,
    consents: Type.Optional(
      Type.Record(Type.String(), Type.Boolean(), { propertyNames: { pattern: '^[a-z][a-z0-9.-]{0,49}$' }, maxProperties: 50 }),
    ),
  },
  { minProperties: 1 },
);

/** What others see of a member, the export of what is held about them, and their erasure. */
export function registerPrivacyRoutes(routes: RouteRegistrar, context: ErasureContext): void {
  const { accounts } = context;
  routes.get('/users/me/privacy', { summary: 'What others see of the caller, and what they agreed to', response: Privacy }, ({ user }) =>
    findPrivacy(accounts.knex, user.id),
  );
  routes.patch(
    '/users/me/privacy',
    { summary: 'Changes what others see of the caller; a consent is kept with its time', body: PrivacyChange, response: Privacy },
    ({ user, body }) => changePrivacy(accounts, user.id, body),
  );
  routes.get(
    '/users/me/export',
    { summary: 'Everything that is held about the caller, as one JSON document' },
    async ({ user }) => {
      await accounts.mailLimit.count(`export ${user.id}`);
      const { observer, log, composition } = context;
      const at = accounts.clock.now();
      const stream = exportEverything({ observer, log, composition, knex: accounts.knex }, user.id, at);
      const name = `musclemap-${at.toISOString().slice(0, 10)}.json`;
      return new RawReply(stream, 'application/json', { headers: { 'Content-Disposition': `attachment; filename="${name}"` } });
    },
  );
  routes.delete(
    '/users/me',
    {
      summary: 'Erases the account and what it holds after 14 days; signing in before keeps it',
      status: 204,
      body: Type.Object({ password: CurrentPassword }),
      errors: ['CONFLICT'],
    },
    ({ user, body }) => requestErasure(accounts, user.id, body.password),
  );
}

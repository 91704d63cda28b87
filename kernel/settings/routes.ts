import Type from 'typebox';
import { Nullable } from '../accounts/schemas.ts';
import { ApiError, invalid } from '../http/errors.ts';
import type { RouteRegistrar } from '../http/route.ts';
import { MASK } from '../plugins/lifecycle/secrets.ts';
import type { Settings, StripeKeys } from './settings.ts';

const GymName = Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' });
const masked = { description: `${MASK} for one that is set; sent back, it stays as it is` };

const Described = Type.Object({
  gymName: Nullable(Type.String()),
  stripe: Type.Object({
    source: Type.Union([Type.Literal('environment'), Type.Literal('settings'), Type.Null()]),
    secretKey: Nullable(Type.String(masked)),
    webhookSecret: Nullable(Type.String(masked)),
  }),
  webhookUrl: Type.String({ description: 'Where Stripe is to send its events' }),
});

const Change = Type.Object(
  {
    gymName: Type.Optional(Nullable(GymName)),
    stripe: Type.Optional(
      Nullable(
        Type.Object({
          secretKey: Type.String({ minLength: 8, maxLength: 300, ...masked }),
          webhookSecret: Type.Optional(Nullable(Type.String({ minLength: 8, maxLength: 300, ...masked }))),
        }),
      ),
    ),
  },
  { minProperties: 1 },
);

export interface SettingsServices {
  settings: Settings;
  /** Of the environment, which wins. */
  stripe: { webhookSecret: string | undefined } | undefined;
  baseUrl: () => string;
}

/** GET /server, GET and PATCH /admin/settings. */
export function registerSettingsRoutes(routes: RouteRegistrar, services: SettingsServices): void {
  const { settings, stripe: fixed } = services;
  routes.get(
    '/server',
    { summary: 'Whose server this is', auth: 'none', response: Type.Object({ name: Nullable(Type.String()) }), cacheSeconds: 5 },
    () => ({ name: settings.current.gymName ?? null }),
  );
  routes.get('/admin/settings', { summary: 'What an owner sets', auth: 'admin', response: Described }, () => describe(services));
  routes.patch(
    '/admin/settings',
    {
      summary: 'Changes settings, in effect at once and on every instance',
      ...{ auth: 'admin', body: Change, response: Described, errors: ['CONFLICT'], audit: { hide: '*' } },
    },
    async ({ user, body: { gymName, stripe } }) => {
      if (stripe !== undefined && fixed !== undefined) throw new ApiError('CONFLICT', 'The keys of Stripe come from the environment of the server.');
      const keys = stripe && unmasked(stripe, settings.current.stripe);
      await settings.change({ ...(gymName !== undefined && { gymName: gymName?.trim() ?? null }), ...(keys !== undefined && { stripe: keys }) }, user.id);
      return describe(services);
    },
  );
}

function describe({ settings, stripe: fixed, baseUrl }: SettingsServices): object {
  const { gymName, stripe: entered } = settings.current;
  const keys = fixed ?? entered;
  const source = fixed !== undefined ? 'environment' : entered !== undefined ? 'settings' : null;
  return {
    gymName: gymName ?? null,
    stripe: { source, secretKey: keys === undefined ? null : MASK, webhookSecret: keys?.webhookSecret === undefined ? null : MASK },
    webhookUrl: `${baseUrl()}/api/billing/webhook`,
  };
}

/** What was entered, with the kept value where the mask was sent back. @throws ApiError VALIDATION_ERROR for what is no key. */
function unmasked(entered: { secretKey: string; webhookSecret?: string | null }, kept: StripeKeys | undefined): StripeKeys {
  const secretKey = entered.secretKey === MASK ? kept?.secretKey : entered.secretKey;
  const webhookSecret = entered.webhookSecret === MASK ? kept?.webhookSecret : (entered.webhookSecret ?? undefined);
  if (secretKey === undefined || !/^[sr]k_\w+$/.test(secretKey)) throw invalid('/body/stripe/secretKey', 'begins with sk_ or rk_');
  if (webhookSecret !== undefined && !/^whsec_\w+$/.test(webhookSecret)) throw invalid('/body/stripe/webhookSecret', 'begins with whsec_');
  return { secretKey, webhookSecret };
}

import type { Knex } from 'knex';
import type { KeyRing } from '../accounts/key-ring.ts';
import type { Notifications } from '../database/notifications.ts';
import type { Rows } from '../database/connect.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Told to every instance when somebody has changed a setting. */
const SETTINGS_CHANNEL = 'musclemap_settings';

export interface StripeKeys {
  secretKey: string;
  webhookSecret: string | undefined;
}

/** What an owner sets while the server runs. */
export interface ServerSettings {
  gymName: string | undefined;
  /** Keys that were entered; those of the environment win over them. */
  stripe: StripeKeys | undefined;
}

export interface SettingsChange {
  gymName?: string | null;
  stripe?: StripeKeys | null;
}

const SEAL = 'settings stripe';
const NOTHING: ServerSettings = { gymName: undefined, stripe: undefined };

/** The settings, at hand without a query; what changes on another instance is read when it tells. */
export class Settings {
  readonly #knex: Knex;
  readonly #ring: Pick<KeyRing, 'seal' | 'open'>;
  readonly #log: Logger;
  #current = NOTHING;

  constructor(knex: Knex, ring: Pick<KeyRing, 'seal' | 'open'>, log: Logger) {
    this.#knex = knex;
    this.#ring = ring;
    this.#log = log;
  }

  get current(): ServerSettings {
    return this.#current;
  }

  /** From now on what another instance changes holds here too. */
  follow(notifications: Pick<Notifications, 'on'>): void {
    notifications.on(SETTINGS_CHANNEL, () => {
      this.read().catch((error: unknown) => {
        this.#log.warn({ err: error }, 'the settings that another instance has changed could not be read');
      });
    });
  }

  async read(): Promise<void> {
    const { rows } = await this.#knex.raw<Rows<{ gymName: string | null; sealed: string | null }>>(
      'SELECT gym_name AS "gymName", sealed_stripe AS sealed FROM server_settings',
    );
    const [row] = rows;
    this.#current = row === undefined ? NOTHING : { gymName: row.gymName ?? undefined, stripe: this.#open(row.sealed) };
  }

  /** Changes what is given; null takes it away. */
  async change({ gymName, stripe }: SettingsChange, by: string): Promise<void> {
    const changes = {
      ...(gymName !== undefined && { gym_name: gymName }),
      ...(stripe !== undefined && { sealed_stripe: stripe === null ? null : this.#ring.seal(SEAL, stripe) }),
      updated_by: by,
      updated_at: this.#knex.fn.now(),
    };
    await inTransaction(this.#knex, async (trx) => {
      await trx('server_settings').insert(changes).onConflict('is_only').merge();
      await trx.raw('NOTIFY ??', [SETTINGS_CHANNEL]);
    });
    await this.read();
  }

  #open(sealed: string | null): StripeKeys | undefined {
    if (sealed === null) return undefined;
    try {
      return this.#ring.open(SEAL, sealed) as StripeKeys;
    } catch (error) {
      this.#log.error({ err: error }, 'the keys of Stripe cannot be read, the key that sealed them is gone: enter them again');
      return undefined;
    }
  }
}

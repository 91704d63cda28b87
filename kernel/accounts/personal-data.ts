import type { Transaction } from '../database/transaction.ts';
import type { DatabaseView } from '../plugins/database/views.ts';

/** What a plugin does with the data that it keeps about people. */
export interface PersonalData {
  /** Where the data stand in the exported document, below the plugin's id; only needed when a plugin adds several. */
  name?: string;
  /** Everything that the plugin keeps about a user, as one object, or piece by piece when it may be much. */
  export(userId: string): Promise<object> | AsyncIterable<unknown>;
  /**
   * Erases or makes anonymous what tells who the user was. What others share (a conversation, a ledger) stays without them.
   * It runs in a transaction of its own after the account has been made anonymous: at once when the plugin is enabled,
   * else when it is enabled again; what fails is tried again, so it may run more than once.
   */
  erase(trx: Transaction, userId: string): Promise<void>;
}

/** Where a plugin says what it keeps about people. */
export interface ExporterRegistrar {
  add(data: PersonalData): void;
}

export interface OwnedPersonalData extends PersonalData {
  owner: string;
}

/** Collects what one owner keeps about people. */
export function exporterRegistrar(
  owner: string,
  into: OwnedPersonalData[],
  view: Pick<DatabaseView, 'transaction'>,
  refuse: (what: string) => never,
): ExporterRegistrar {
  return {
    add(data) {
      if (typeof data.export !== 'function' || typeof data.erase !== 'function') {
        refuse('personal data are registered with the functions export and erase.');
      }
      if (into.some((other) => other.owner === owner && other.name === data.name)) {
        refuse(`the personal data "${data.name ?? ''}" are registered twice; give each a name.`);
      }
      const erase: PersonalData['erase'] = (trx, userId) => data.erase(view.transaction(trx), userId);
      into.push({ ...data, erase, owner });
    },
  };
}

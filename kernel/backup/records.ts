import { basename } from 'node:path';
import type { Knex } from 'knex';
import { recordAudit } from '../audit/audit.ts';
import { connect, type Rows } from '../database/connect.ts';

/** What can be done with a backup; each time is written into the audit of the database that it was done to, or for. */
export type BackupDeed = 'backup.write' | 'backup.test' | 'backup.restore';

export interface BackupRecord {
  /** The name of the file, without its folder. */
  file: string;
  at: Date;
}

/** When everything was last written into a file, and when such a file was last seen to give everything back; null for never. */
export interface BackupState {
  written: BackupRecord | null;
  tested: BackupRecord | null;
}

/** Writes down that something was done with a backup. What it counted is kept with it. */
export async function recordBackup(databaseUrl: string, deed: BackupDeed, file: string, details: object): Promise<void> {
  const knex = connect(databaseUrl, { poolMax: 1, applicationName: 'musclemap-backup' });
  try {
    await recordAudit(knex, {
      ...{ actor: { kind: 'cli' }, action: deed, objectType: 'backups', objectId: basename(file), result: 'done' },
      details: { ...details },
    });
  } finally {
    await knex.destroy();
  }
}

/** A restore that was done in earnest shows as much as one that was a test. */
export async function readBackupState(knex: Knex): Promise<BackupState> {
  const { rows } = await knex.raw<Rows<{ action: BackupDeed; file: string; at: Date }>>(
    `SELECT newest.* FROM unnest(ARRAY['backup.write', 'backup.test', 'backup.restore']) AS deeds (deed)
     CROSS JOIN LATERAL (SELECT action, object_id AS file, at FROM audit_log WHERE action = deed ORDER BY id DESC LIMIT 1) AS newest
     ORDER BY at DESC`,
  );
  const newest = (...deeds: BackupDeed[]): BackupRecord | null => {
    const row = rows.find(({ action }) => deeds.includes(action));
    return row === undefined ? null : { file: row.file, at: row.at };
  };
  return { written: newest('backup.write'), tested: newest('backup.test', 'backup.restore') };
}

/** Why the embedded database cannot run here, and what to do about it. */
export class EmbeddedDatabaseError extends Error {
  override name = 'EmbeddedDatabaseError';
}

/** Another process has the folder; `connectToRunning` reaches the server that it started. */
export class DatabaseInUseError extends EmbeddedDatabaseError {}

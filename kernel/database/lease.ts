/** Sends SQL on a connection, past every watcher. */
export type Send = (sql: string) => Promise<unknown>;

/** Why a statement was refused: whoever sent it had been given up by the transaction's owner. */
export class LeaseOverError extends Error {
  override name = 'LeaseOverError';
}

/** What a lease needs to know of a transaction. */
export interface LentTransaction {
  /** The connection that it runs on. */
  connection: object;
  isOver: boolean;
  send: Send;
  /** Forgets what was collected since, for the commit that will not have it. */
  mark(): () => void;
}

let savepoints = 0;

/**
 * Somebody's stay in a transaction that is not theirs. The first statement makes a savepoint; a stay without statements costs
 * nothing. When it ends, its statements are kept or undone, and later ones are refused until the transaction itself ends.
 */
export class Lease {
  readonly #transaction: LentTransaction;
  readonly #parent: Lease | undefined;
  readonly #statementLimit: number;
  readonly #forget: () => void;
  #savepoint: string | undefined;
  #isOver = false;

  constructor(transaction: LentTransaction, parent: Lease | undefined, statementLimitMs: number) {
    this.#transaction = transaction;
    this.#parent = parent;
    this.#statementLimit = statementLimitMs;
    this.#forget = transaction.mark();
  }

  /** @throws LeaseOverError when `connection` is that of the transaction and the stay has ended. */
  admit(connection: object): void {
    if (connection !== this.#transaction.connection) return;
    this.refuseWhenOver(this.#transaction);
    this.#parent?.admit(connection);
    if (this.#savepoint !== undefined) return;
    savepoints += 1;
    this.#savepoint = `stay_${String(savepoints)}`;
    // Its failure means that the transaction is lost, which the statement that follows reports.
    this.#transaction
      .send(`SAVEPOINT ${this.#savepoint}; SET LOCAL statement_timeout = ${String(this.#statementLimit)}`)
      .catch(() => undefined);
  }

  refuseWhenOver(transaction: object): void {
    if (this.#isOver && transaction === this.#transaction && !this.#transaction.isOver) {
      throw new LeaseOverError('This tap has ended: its transaction belongs to its caller again.');
    }
    this.#parent?.refuseWhenOver(transaction);
  }

  /** Ends the stay and keeps its statements; a promise only when there are any. @throws what PostgreSQL says. */
  keep(): Promise<void> | undefined {
    this.#isOver = true;
    if (this.#savepoint === undefined) return undefined;
    return this.#transaction
      .send(`RELEASE SAVEPOINT ${this.#savepoint}; SET LOCAL statement_timeout TO DEFAULT`)
      .then(() => undefined);
  }

  /** Ends the stay and undoes its statements, events and steps. */
  async undo(): Promise<void> {
    this.#isOver = true;
    if (this.#savepoint !== undefined) {
      await this.#transaction.send(`ROLLBACK TO SAVEPOINT ${this.#savepoint}; RELEASE SAVEPOINT ${this.#savepoint}`);
    }
    this.#forget();
  }
}

/** A plugin asked for the end of the process, which is not its to end. */
export class ProcessExitError extends Error {
  override name = 'ProcessExitError';
}

export interface GuardedProcess {
  /** Takes an error that nobody caught. */
  reportStray: (error: unknown) => void;
  /** Who has brought about `error`: a plugin's id, or `kernel`. */
  culpritOf: (error: unknown) => string;
}

/** Keeps the process running when a plugin's code throws where nobody catches, or calls process.exit(). Answers how to let go. */
export function guardProcess({ reportStray, culpritOf }: GuardedProcess): () => void {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const refusal = new ProcessExitError(`process.exit(${String(code ?? '')}) was called; a plugin cannot end the server.`);
    if (culpritOf(refusal) === 'kernel') return exit(code);
    reportStray(refusal);
    throw refusal;
  };
  const report = (error: unknown): void => {
    // A refused exit was reported when it was asked for.
    if (!(error instanceof ProcessExitError)) reportStray(error);
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
  return () => {
    process.exit = exit;
    process.removeListener('uncaughtException', report);
    process.removeListener('unhandledRejection', report);
  };
}

import { contentKey } from './content-key.ts';
import { compact, nonZero } from './session.ts';
import type { ImportedExercise, ImportedSession, ImportWarning, UnitSource } from './session.ts';

interface SessionContent {
  date: string;
  startedAt: string | undefined;
  title: string | undefined;
  notes: string | undefined;
  durationSeconds: number | undefined;
  isPublic?: false | undefined;
  exercises: ImportedExercise[];
}

/** Where in the file a session was found. */
interface SessionOrigin {
  firstLine: number;
  lastLine: number;
  unitSource: UnitSource;
  warnings: ImportWarning[];
}

export function importedSession(content: SessionContent, origin: SessionOrigin): ImportedSession {
  const session = compact<Omit<ImportedSession, 'contentKey'>>({
    kind: 'session',
    ...content,
    durationSeconds: nonZero(content.durationSeconds),
    ...origin,
  });
  return { ...session, contentKey: contentKey(session) };
}

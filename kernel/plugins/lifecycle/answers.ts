import Type, { type TSchema } from 'typebox';
import { EFFECTS, type Effects } from './effects.ts';

const Nullable = <Schema extends TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);
const Ranges = Type.Record(Type.String(), Type.String());
const Lines = Type.Array(Type.String());

export const STATES = ['available', 'enabled', 'disabled', 'failed', 'quarantined', 'missing'] as const;

export const EnabledPlugin = Type.Object({
  id: Type.String(),
  name: Type.String(),
  displayName: Type.String(),
  version: Type.String(),
  description: Type.String(),
});

const Instance = Type.Object({
  id: Type.String(),
  host: Type.String(),
  pid: Type.Integer(),
  startedAt: Type.String({ format: 'date-time' }),
  heartbeatAt: Type.String({ format: 'date-time' }),
  generation: Type.Integer(),
  isCurrent: Type.Boolean({ description: 'Whether it has applied everything that is wanted' }),
  state: Type.String(),
  reason: Nullable(Type.String()),
  version: Nullable(Type.String()),
});

export const AdminPlugin = Type.Object({
  id: Type.String(),
  displayName: Type.String(),
  description: Nullable(Type.String()),
  state: Type.Enum([...STATES]),
  reason: Nullable(Type.String()),
  installedVersion: Nullable(Type.String()),
  diskVersion: Nullable(Type.String()),
  bundled: Type.Boolean(),
  upload: Nullable(
    Type.Object(
      { sha256: Type.String(), size: Type.Integer({ description: 'In bytes' }), at: Type.String({ format: 'date-time' }) },
      { description: 'Of the archive that diskVersion came in; null: it lies in a folder or a package' },
    ),
  ),
  remains: Nullable(
    Type.Object(
      {
        schema: Nullable(Type.String({ description: 'Its own; null: none, or its tables lie among those of the server' })),
        tables: Type.Integer({ description: 'How many lie in it' }),
        files: Type.Integer(),
        size: Type.Number({ description: 'Of tables and files, in bytes' }),
        advice: Type.String({ description: 'What can be done about it' }),
      },
      { description: 'What a plugin that is not installed any more has left: uninstall with purge takes it away' },
    ),
  ),
  forced: Type.Boolean({ description: 'Whether it may run outside the ranges of its manifest' }),
  disabledWith: Nullable(Type.String({ description: 'The plugin that took it along when it was disabled' })),
  quarantine: Nullable(
    Type.Object({
      place: Type.String({ description: 'Where its code ran, as `hook price`' }),
      error: Type.String(),
      stack: Nullable(Type.String()),
      since: Type.String({ format: 'date-time' }),
    }),
  ),
  kernel: Nullable(Type.String()),
  requires: Ranges,
  uses: Ranges,
  dependents: Lines,
  scopes: Lines,
  config: Type.Record(Type.String(), Type.Unknown()),
  configSchema: Nullable(Type.Record(Type.String(), Type.Unknown())),
  routes: Type.Array(
    Type.Object({ method: Type.String(), path: Type.String(), auth: Type.String(), summary: Type.String() }),
  ),
  actions: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), cost: Type.Integer() })),
  hooks: Type.Array(
    Type.Object({
      hook: Type.String(),
      calls: Type.Integer(),
      errors: Type.Integer(),
      p50: Nullable(Type.Number({ description: 'Milliseconds, on the instance that answers' })),
      p99: Nullable(Type.Number()),
      statements: Type.Integer(),
      databaseMs: Type.Number({ description: 'Time that its statements took, all together' }),
    }),
  ),
  usage: Type.Object(
    {
      calls: Type.Integer(),
      errors: Type.Integer(),
      totalMs: Type.Number(),
      statements: Type.Integer(),
      databaseMs: Type.Number(),
      connections: Type.Object({ waits: Type.Integer(), p50: Nullable(Type.Number()), p99: Nullable(Type.Number()) }),
      processor: Nullable(Type.Number({ description: 'The share of one processor that it takes while the event loop is busy; null: it is not' })),
      tableBytes: Nullable(Type.Number({ description: 'Of its own schema, looked at every minute; null: not yet, or it is bundled' })),
      fileBytes: Nullable(Type.Number({ description: 'Of its files, looked at every minute; null: not yet' })),
    },
    { description: 'Of all its code, hooks, routes, events and jobs, since the instance that answers has started' },
  ),
  pages: Type.Array(Type.Object({ path: Type.String(), title: Type.String() })),
  events: Lines,
  jobs: Lines,
  isolation: Nullable(
    Type.Object(
      {
        schema: Type.String(),
        role: Nullable(Type.String({ description: 'What its statements run as; null: with all rights of the server' })),
        reason: Nullable(Type.String({ description: 'Why there is no role' })),
      },
      { description: 'Of a plugin that is not bundled: its own part of the database, beyond which it reaches nothing' },
    ),
  ),
  pendingMigrations: Lines,
  instances: Type.Array(Instance),
});

export const ChangeDone = Type.Object({
  generation: Type.Integer({ description: 'An instance that has applied this number has applied the change' }),
  changed: Lines,
  plugin: Type.Union([AdminPlugin, Type.Null()]),
});

const EffectLines = Type.Object(
  Object.fromEntries(EFFECTS.map((kind) => [kind, Lines])) as Record<keyof Effects, typeof Lines>,
);

export const PlanAnswer = Type.Object({
  plugins: Type.Array(Type.Object({ id: Type.String(), from: Nullable(Type.String()), to: Nullable(Type.String()) })),
  added: EffectLines,
  removed: EffectLines,
  prices: Type.Array(Type.Object({ action: Type.String(), name: Type.String(), cost: Type.Integer() })),
  migrations: Type.Array(
    Type.Object({ plugin: Type.String(), name: Type.String(), direction: Type.Enum(['up', 'down']), statements: Lines }),
  ),
  hash: Type.String(),
});

import Type from 'typebox';

export const Nullable = <Schema extends Type.TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

export const EntryFields = {
  id: Type.String(),
  action: Type.String(),
  amount: Type.Integer(),
  balanceAfter: Type.Integer(),
  metadata: Nullable(Type.Record(Type.String(), Type.Unknown())),
  createdAt: Type.String({ format: 'date-time' }),
};

export const EntryQuery = {
  action: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(Type.String({ format: 'date-time' })),
  to: Type.Optional(Type.String({ format: 'date-time' })),
};

export const Action = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  defaultCost: Type.Integer(),
  pluginId: Nullable(Type.String()),
});

/** What was moved, and what is left of the balance of whom it was moved for. */
export const Movement = Type.Object({
  entryId: Type.String(),
  amount: Type.Integer(),
  balance: Type.Integer(),
});

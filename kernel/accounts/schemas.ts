import Type from 'typebox';

const Nullable = <Schema extends Type.TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

export const Email = Type.String({ format: 'email', maxLength: 254 });
export const Username = Type.String({ pattern: '^[A-Za-z0-9_]{3,30}$' });
export const Password = Type.String({ minLength: 8, maxLength: 128 });
export const DisplayName = Type.String({ minLength: 1, maxLength: 80 });
const Token = Type.String({ minLength: 1, maxLength: 512 });
const Timestamp = Type.String({ format: 'date-time' });

export const Me = Type.Object({
  id: Type.String(),
  email: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  roles: Type.Array(Type.String()),
  flags: Type.Object({
    verified: Type.Boolean(),
    banned: Type.Boolean(),
    suspended: Type.Boolean(),
    emailConfirmed: Type.Boolean(),
  }),
  currentArchetypeId: Nullable(Type.String()),
  currentLevel: Type.Integer(),
  trialStartedAt: Nullable(Timestamp),
  trialEndsAt: Nullable(Timestamp),
  entitlements: Type.Object({ unlimited: Type.Boolean(), reason: Nullable(Type.String()) }),
  createdAt: Timestamp,
});

export const PublicProfile = Type.Object({
  id: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  currentArchetypeId: Nullable(Type.String()),
  currentLevel: Type.Integer(),
});

const tokens = { accessToken: Type.String(), refreshToken: Type.String(), expiresIn: Type.Integer() };
export const Tokens = Type.Object(tokens);
export const SignedIn = Type.Object({ user: Me, ...tokens });

export const Registration = Type.Object({
  email: Email,
  username: Username,
  password: Password,
  displayName: Type.Optional(DisplayName),
});

/** One of the two names, then the password. */
export const Login = Type.Object(
  {
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    password: Type.String({ minLength: 1, maxLength: 128 }),
  },
  { anyOf: [{ required: ['email'] }, { required: ['username'] }] },
);

export const Refresh = Type.Object({ refreshToken: Token });
export const PasswordChange = Type.Object({
  currentPassword: Type.String({ minLength: 1, maxLength: 128 }),
  newPassword: Password,
});

export const ProfileChange = Type.Object(
  {
    email: Type.Optional(Email),
    username: Type.Optional(Username),
    displayName: Type.Optional(Nullable(DisplayName)),
    avatarUrl: Type.Optional(Nullable(Type.String({ format: 'uri', pattern: '^https?://', maxLength: 2000 }))),
  },
  { minProperties: 1 },
);

import Type from 'typebox';

export const Nullable = <Schema extends Type.TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

export const Email = Type.String({ format: 'email', maxLength: 254 });
export const Username = Type.String({ pattern: '^[A-Za-z0-9_]{3,30}$' });
export const Password = Type.String({ minLength: 8, maxLength: 128 });
export const DisplayName = Type.String({ minLength: 1, maxLength: 80 });
const Token = Type.String({ minLength: 1, maxLength: 512 });
export const Timestamp = Type.String({ format: 'date-time' });

export const Flags = Type.Object({
  verified: Type.Boolean(),
  banned: Type.Boolean(),
  suspended: Type.Boolean(),
  emailConfirmed: Type.Boolean(),
});

export const Me = Type.Object({
  id: Type.String(),
  email: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  roles: Type.Array(Type.String()),
  flags: Flags,
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

/** The first administrator's, with the token that the server has printed. */
export const Setup = Type.Object({ token: Token, ...Registration.properties });

/** One of the two names, then the password. */
export const Login = Type.Object(
  {
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    password: Type.String({ minLength: 1, maxLength: 128 }),
  },
  { anyOf: [{ required: ['email'] }, { required: ['username'] }] },
);

export const MailedToken = Token;
/** Of the authenticator app, or a recovery code. */
export const Code = Type.String({ minLength: 6, maxLength: 40 });
export const CurrentPassword = Type.String({ minLength: 1, maxLength: 128 });
export const SecondFactor = Type.Object({
  enabled: Type.Boolean({ description: 'Whether the password alone does not sign in' }),
  app: Type.Boolean({ description: 'Whether there is an authenticator app' }),
  passkeys: Type.Integer(),
  recoveryCodesLeft: Type.Integer(),
});
export const SecondFactorSecret = Type.Object({
  secret: Type.String({ description: 'In base32, for who cannot scan' }),
  uri: Type.String({ description: 'otpauth://…, to be shown as a QR code' }),
});
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) });

export const Session = Type.Object({
  id: Type.String(),
  device: Nullable(Type.String()),
  ip: Nullable(Type.String()),
  createdAt: Timestamp,
  lastUsedAt: Timestamp,
  expiresAt: Timestamp,
  current: Type.Boolean(),
});

export const Refresh = Type.Object({ refreshToken: Token });
export const PasswordChange = Type.Object({
  currentPassword: CurrentPassword,
  newPassword: Password,
});

export const ProfileChange = Type.Object(
  {
    email: Type.Optional(Email),
    username: Type.Optional(Username),
    displayName: Type.Optional(Nullable(DisplayName)),
    avatarUrl: Type.Optional(Nullable(Type.String({ format: 'uri', pattern: '^https?://', maxLength: 2000 }))),
    currentPassword: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'Needed for a new e-mail address 15 minutes after signing in' }),
    ),
  },
  { minProperties: 1 },
);

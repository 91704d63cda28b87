import Type, { type Static } from 'typebox';
import { Code, CurrentPassword, DisplayName, Nullable, Timestamp } from '../schemas.ts';

/** Browsers add members as the standard grows; what is not read here is let through. */
const open = { additionalProperties: true } as const;
const Bytes = (maxLength: number): Type.TString => Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength, description: 'In base64url' });
/** At most 1023 bytes, says the standard. */
const CredentialId = Bytes(1364);
const ClientData = Bytes(4096);
const PublicKey = Type.Literal('public-key');
const Extensions = Type.Optional(Type.Object({}, open));
const Transports = Type.Array(Type.String({ pattern: '^[a-z0-9-]{1,32}$' }), { maxItems: 10 });

/** What `credential.toJSON()` gives after `navigator.credentials.create()`. */
export const NewCredential = Type.Object(
  {
    id: CredentialId,
    rawId: CredentialId,
    type: PublicKey,
    response: Type.Object(
      { clientDataJSON: ClientData, attestationObject: Bytes(16_384), transports: Type.Optional(Transports) },
      open,
    ),
    clientExtensionResults: Extensions,
  },
  { ...open, description: 'What `credential.toJSON()` gives after `navigator.credentials.create()`' },
);

/** What it gives after `navigator.credentials.get()`. */
export const Assertion = Type.Object(
  {
    id: CredentialId,
    rawId: CredentialId,
    type: PublicKey,
    response: Type.Object(
      { clientDataJSON: ClientData, authenticatorData: ClientData, signature: Bytes(2048), userHandle: Type.Optional(Nullable(Bytes(88))) },
      open,
    ),
    clientExtensionResults: Extensions,
  },
  { ...open, description: 'What `credential.toJSON()` gives after `navigator.credentials.get()`' },
);

export type NewCredential = Static<typeof NewCredential>;
export type Assertion = Static<typeof Assertion>;

const Descriptors = Type.Array(Type.Object({ type: PublicKey, id: Type.String(), transports: Type.Array(Type.String()) }));

export const RequestOptions = Type.Object(
  {
    challenge: Type.String(),
    rpId: Type.String(),
    timeout: Type.Integer(),
    userVerification: Type.Enum(['required', 'preferred']),
    allowCredentials: Descriptors,
  },
  { description: 'For `PublicKeyCredential.parseRequestOptionsFromJSON()`' },
);

export const CreationOptions = Type.Object(
  {
    challenge: Type.String(),
    rp: Type.Object({ id: Type.String(), name: Type.String() }),
    user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
    pubKeyCredParams: Type.Array(Type.Object({ type: PublicKey, alg: Type.Integer() })),
    timeout: Type.Integer(),
    attestation: Type.Literal('none'),
    authenticatorSelection: Type.Object({
      residentKey: Type.Literal('required'),
      requireResidentKey: Type.Boolean(),
      userVerification: Type.Literal('required'),
    }),
    excludeCredentials: Descriptors,
  },
  { description: 'For `PublicKeyCredential.parseCreationOptionsFromJSON()`' },
);

export type RequestOptions = Static<typeof RequestOptions>;
export type CreationOptions = Static<typeof CreationOptions>;

const expiresIn = Type.Integer({ description: 'Seconds that its challenge is good for, once' });
export const Request = Type.Object({ publicKey: RequestOptions, expiresIn });
export const Creation = Type.Object({ publicKey: CreationOptions, expiresIn });

export const Passkey = Type.Object({
  id: Type.String(),
  name: Type.String(),
  backedUp: Type.Boolean({ description: 'Whether it is kept on more devices than one, as the device says' }),
  createdAt: Timestamp,
  lastUsedAt: Nullable(Timestamp),
});
export type Passkey = Static<typeof Passkey>;

export const PasskeyAddition = Type.Object({ name: Type.Optional(DisplayName), credential: NewCredential });
export const PasskeyAdded = Type.Object({
  passkey: Passkey,
  recoveryCodes: Nullable(Type.Array(Type.String(), { description: 'With the first second factor of an account; shown this once' })),
});
export const PasskeyName = Type.Object({ name: DisplayName });
export const PasskeyRemoval = Type.Object({
  password: CurrentPassword,
  code: Type.Optional(Type.String({ ...Code, description: 'A recovery code: the last second factor takes it, or its own credential' })),
  credential: Type.Optional(Assertion),
});
export const PasskeySignIn = Type.Object({ credential: Assertion });

const SecondStepMethod = Type.Enum(['app', 'passkey', 'recovery-code']);
export type SecondStepMethod = Static<typeof SecondStepMethod>;

/** A sign-in that a second factor has to complete. */
export const SecondStepNeeded = Type.Object({
  secondStep: Type.Object({
    token: Type.String(),
    expiresIn: Type.Integer(),
    methods: Type.Array(SecondStepMethod, { description: 'What it can be completed with' }),
    publicKey: Nullable(RequestOptions),
  }),
});
/** By a code of the app or a recovery code, or by a passkey. */
export const SecondStep = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 512 }), code: Type.Optional(Code), credential: Type.Optional(Assertion) },
  { anyOf: [{ required: ['code'] }, { required: ['credential'] }], maxProperties: 2 },
);

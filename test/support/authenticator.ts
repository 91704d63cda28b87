import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
const HAS_CREDENTIAL = 0x40;

interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string };
}

interface RequestOptions {
  challenge: string;
  rpId: string;
}

/** What a device or a page may do otherwise than it should. */
export interface Twist {
  origin?: string;
  rpId?: string;
  challenge?: string;
  isVerified?: boolean;
  isPresent?: boolean;
  counter?: number;
  type?: string;
  userHandle?: string | null;
  format?: string;
  x5c?: readonly Buffer[];
}

export interface Made {
  id: string;
  rawId: string;
  type: 'public-key';
  response: { clientDataJSON: string; attestationObject: string; transports: string[] };
  clientExtensionResults: object;
}

export interface Signed {
  id: string;
  rawId: string;
  type: 'public-key';
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string | null };
  clientExtensionResults: object;
}

/** A device with one passkey, together with the browser before it: ES256, no attestation, as the standard says. */
export class Authenticator {
  readonly id = randomBytes(32).toString('base64url');
  readonly #origin: string;
  readonly #isBackedUp: boolean;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  #userHandle = '';
  counter = 0;

  constructor(origin: string, { isBackedUp = true }: { isBackedUp?: boolean } = {}) {
    this.#origin = origin;
    this.#isBackedUp = isBackedUp;
    ({ privateKey: this.#privateKey, publicKey: this.#publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  }

  /** What `navigator.credentials.create()` gives, as JSON. */
  make(options: CreationOptions, twist: Twist = {}): Made {
    this.#userHandle = options.user.id;
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.from([id.length >> 8, id.length & 0xff]);
    const credential = Buffer.concat([Buffer.alloc(16), length, id, this.#coseKey()]);
    const authData = Buffer.concat([this.#head(options.rp.id, twist, HAS_CREDENTIAL), credential]);
    const statement = new Map<string, Cbor>(twist.x5c === undefined ? [] : [['x5c', [...twist.x5c]]]);
    const attestation = encode(new Map<string, Cbor>([['fmt', twist.format ?? 'none'], ['attStmt', statement], ['authData', authData]]));
    const response = {
      clientDataJSON: this.#clientData('webauthn.create', options.challenge, twist).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal', 'hybrid'],
    };
    return { id: this.id, rawId: this.id, type: 'public-key', response, clientExtensionResults: {} };
  }

  /** What `navigator.credentials.get()` gives, as JSON. */
  sign(options: RequestOptions, twist: Twist = {}): Signed {
    const clientData = this.#clientData('webauthn.get', options.challenge, twist);
    const authData = this.#head(options.rpId, twist);
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.#privateKey);
    const { userHandle = this.#userHandle } = twist;
    const response = {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      ...(userHandle !== null && { userHandle }),
    };
    return { id: this.id, rawId: this.id, type: 'public-key', response, clientExtensionResults: {} };
  }

  #clientData(type: string, challenge: string, twist: Twist): Buffer {
    const data = { type: twist.type ?? type, challenge: twist.challenge ?? challenge, origin: twist.origin ?? this.#origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(data));
  }

  #head(rpId: string, { isVerified = true, isPresent = true, counter = this.counter, rpId: other }: Twist, more = 0): Buffer {
    const backup = this.#isBackedUp ? BACKUP_ELIGIBLE | BACKED_UP : 0;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const flags = more | backup | (isPresent ? USER_PRESENT : 0) | (isVerified ? USER_VERIFIED : 0);
    return Buffer.concat([sha256(Buffer.from(other ?? rpId)), Buffer.from([flags]), count]);
  }

  #coseKey(): Buffer {
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    return encode(new Map<number, Cbor>([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]));
  }
}

type Cbor = number | string | Buffer | Cbor[] | Map<string | number, Cbor>;

/** As much of CBOR as an authenticator writes. */
function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [encode(key), encode(item)])]);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument]);
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 0xff]);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

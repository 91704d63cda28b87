import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A bucket of S3, or of a server that speaks its protocol. */
export interface S3Location {
  kind: 's3';
  bucket: string;
  /** What the names of objects begin with: empty, or ending with `/`. */
  prefix: string;
  region: string;
  /** As `https://s3.eu-central-1.amazonaws.com`, without a path. */
  endpoint: string;
  /** Whether the bucket stands in the path instead of before the host's name. */
  isPathStyle: boolean;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Where files are kept. */
export type StorageLocation = { kind: 'file'; directory: string } | S3Location;

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^([\w.-]+\/)*$/;

/**
 * Reads STORAGE_URL: `file:///var/lib/musclemap`, or `s3://KEY:SECRET@bucket/prefix?region=eu-central-1&endpoint=https://minio:9000`.
 *
 * @throws Error saying what is wrong with it, without repeating the secret.
 */
export function parseStorageUrl(text: string): StorageLocation {
  const url = parse(text);
  return url.protocol === 'file:' ? { kind: 'file', directory: resolve(fileURLToPath(url)) } : parseS3(url);
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new Error('is not an address', { cause: error });
  }
}

function parseS3(url: URL): S3Location {
  const { region = 'us-east-1', endpoint, ...unknown } = Object.fromEntries(url.searchParams);
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new Error(`has the unknown option "${name}"; there are region and endpoint`);
  const bucket = url.host;
  if (!BUCKET.test(bucket)) throw new Error('names no bucket of S3, as s3://KEY:SECRET@bucket');
  if (url.username === '' || url.password === '') throw new Error('has no key and secret, as s3://KEY:SECRET@bucket; encode / in them as %2F');
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '').replace(/(.)$/, '$1/');
  if (!PREFIX.test(prefix)) throw new Error('has a path with other characters than letters, digits, "_", "." and "-"');
  return {
    ...{ kind: 's3', bucket, prefix, region, isPathStyle: endpoint !== undefined || bucket.includes('.') },
    endpoint: endpoint === undefined ? `https://s3.${region}.amazonaws.com` : parseEndpoint(endpoint),
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
  };
}

function parseEndpoint(text: string): string {
  const url = parse(text);
  if (!/^https?:$/.test(url.protocol) || url.pathname !== '/') throw new Error('has an endpoint that is not like https://host:port');
  return url.origin;
}

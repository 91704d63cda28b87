import { isIP } from 'node:net';
import type { Config } from '../../config/config.ts';
import { ApiError } from '../../http/errors.ts';

/** For whom passkeys are made, and on whose pages they may be used. */
export interface RelyingParty {
  /** The host's name; a browser makes and shows a passkey on its pages only. */
  id: string;
  origins: readonly string[];
}

/**
 * The relying party by the configuration: PUBLIC_URL, with the origins that CORS lets in. Without PUBLIC_URL it is where the
 * request was sent; undefined when that has no name.
 */
export function findRelyingParty(site: Pick<Config, 'publicUrl' | 'corsOrigins'>, host: string | undefined): RelyingParty | undefined {
  const own = (site.publicUrl === undefined ? [`https://${host ?? ''}`, `http://${host ?? ''}`] : [site.publicUrl]).map((text) =>
    URL.canParse(text) ? new URL(text) : undefined,
  );
  const id = own[0]?.hostname ?? '';
  if (id === '' || id.startsWith('[') || isIP(id) !== 0) return undefined;
  return { id, origins: [...own.flatMap((url) => url?.origin ?? []), ...site.corsOrigins] };
}

/** @throws ApiError UNPROCESSABLE when the server is reached by a number. */
export function getRelyingParty(site: Pick<Config, 'publicUrl' | 'corsOrigins'>, host: string | undefined): RelyingParty {
  const party = findRelyingParty(site, host);
  if (party === undefined) {
    throw new ApiError('UNPROCESSABLE', 'Passkeys need a server with a name: open it by its name instead of its address, or set PUBLIC_URL.');
  }
  return party;
}

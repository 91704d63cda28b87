import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { SCOPES } from '../../kernel/plugins/manifest.ts';

/** An entry of a tar archive, of whatever kind. */
export interface ArchiveEntry {
  path: string;
  text?: string;
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice';
  linkpath?: string;
  /** What the header says, where that is not how long the text is. */
  size?: number;
}

const BLOCK = 512;

/** A .tgz of these entries, also of such as no honest program would write. */
export function packEntries(entries: readonly ArchiveEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, text = '', type = 'File', linkpath, size }) => {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(BLOCK);
    const header = new Header({ path, type, size: size ?? bytes.length, mode: 0o777, mtime: new Date(0), ...(linkpath !== undefined && { linkpath }) });
    header.encode(head, 0);
    return [head, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

/** What `npm pack` makes of these files. */
export function packFiles(files: Record<string, string>): Buffer {
  return packEntries(Object.entries(files).map(([path, text]) => ({ path: `package/${path}`, text })));
}

/** The files of a plugin of a test, as they are packed; its `apply` is given as text. */
export function packedPlugin(id: string, version: string, apply: string, more: { manifest?: object; package?: object; files?: Record<string, string> } = {}): Record<string, string> {
  const manifest = { id, version, displayName: id, description: 'A plugin of a test', kernel: '^1.0.0', scopes: SCOPES, main: 'index.js' };
  return {
    'package.json': JSON.stringify({ name: `musclemap-plugin-${id}`, version, type: 'module', ...more.package }),
    'plugin.json': JSON.stringify({ ...manifest, ...more.manifest }),
    'index.js': `import { definePlugin } from 'musclemap';\nexport default definePlugin({ apply(kernel) { ${apply} } });`,
    ...more.files,
  };
}

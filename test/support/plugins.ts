import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SCOPES } from '../../kernel/plugins/manifest.ts';
import type { PluginSources } from '../../kernel/plugins/discovery.ts';

/** A plugin of a test: what its `apply` does, or whole files by their path within its folder. */
export interface PluginFiles {
  manifest?: object;
  apply?: string;
  files?: Record<string, string>;
}

/** Folders with plugins, gone after `remove`. */
export interface PluginFolder {
  directory: string;
  /** As bundled ones, so that they are enabled from the first start. */
  sources: PluginSources;
  write(id: string, plugin: PluginFiles): Promise<void>;
  remove(): Promise<void>;
}

/** Writes plugins to a temporary folder. Each asks for every scope unless its manifest says less. */
export async function writePlugins(plugins: Record<string, PluginFiles>, bundled: readonly string[] = []): Promise<PluginFolder> {
  const directory = await mkdtemp(join(tmpdir(), 'musclemap-plugins-'));
  const write = async (id: string, { manifest, apply = '', files }: PluginFiles): Promise<void> => {
    const all = {
      'plugin.json': JSON.stringify({
        ...{ id, version: '1.0.0', displayName: id, description: 'A plugin of a test', kernel: '^1.0.0', scopes: SCOPES },
        ...manifest,
      }),
      'index.ts': `import { ApiError, definePlugin, Type } from 'musclemap';\nexport default definePlugin({ apply(kernel) { ${apply} } });`,
      ...files,
    };
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(directory, id, path)), { recursive: true });
      await writeFile(join(directory, id, path), text);
    }
  };
  for (const [id, plugin] of Object.entries(plugins)) await write(id, plugin);
  return {
    directory,
    sources: { bundled: [...bundled, directory], directories: [], nodeModules: [] },
    write,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Waits until `condition` answers something true, and answers that. */
export async function until<T>(condition: () => Promise<T> | T, what: string, limitMs = 15_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type { Config } from '../../config/config.ts';
import { defaultSources } from '../../installation.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { isConfined, type FoundPlugin } from '../../plugins/discovery.ts';
import { runCommand, type PluginCommand } from '../../plugins/lifecycle/commands.ts';
import { readManifest } from '../../plugins/manifest.ts';
import { startTestKernel, testConfig, type TestKernel, type TestServer } from '../../testing.ts';
import { checkMigrations } from './migrations.ts';
import { checkNames } from './names.ts';
import { findNeighbours } from './neighbours.ts';
import { applyOnce, checkApply, overLimits, settledHeap } from './registrations.ts';
import { CheckFailure, Findings, type Begun, type CheckReport } from './report.ts';
import { checkDocumentation, checkHostileRequests, HANDLER_LIMIT_MS } from './routes.ts';
import { snapshotSchema } from './schema-snapshot.ts';
import { findTraces, readProcessState } from './traces.ts';
import { Watch } from './watch.ts';

const MOST_START_MS = 5_000;

export interface InspectOptions {
  /** The real path of the plugin's folder. */
  directory: string;
  /** Folders of plugins that it works with, beside the bundled ones. */
  neighbours?: readonly string[];
  server: Pick<TestServer, 'adminUrl'>;
  /** A database with the kernel's schema and no plugins, to copy; an empty one unless said. */
  template?: string;
  begun?: Begun;
}

/** Runs every check on the plugin of a folder, in this process and on a database of its own. */
export async function inspectPlugin(options: InspectOptions): Promise<CheckReport> {
  const { directory, neighbours = [], begun = () => undefined } = options;
  const findings = new Findings(directory, begun);
  const watch = new Watch(directory);
  try {
    const { bundled } = defaultSources({ pluginDirs: [] });
    let found: FoundPlugin | undefined;
    let others: FoundPlugin[] = [];
    await findings.run('manifest', async () => {
      found = { manifest: await readManifest(directory), directory, isBundled: false, isConfined: isConfined(directory, false) };
      findings.plugin = found.manifest.id;
      watch.owner = found.manifest.id;
      await findMain(found);
      others = await findNeighbours(found.manifest, { bundled, directories: neighbours, nodeModules: [] });
      return [];
    });
    if (found === undefined) throw new CheckFailure('There is no manifest.');
    await inspectCode(findings, watch, found, others, options);
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
  } finally {
    watch.close();
  }
  return findings.report();
}

async function findMain({ manifest: { main = 'index.ts' }, directory }: FoundPlugin): Promise<void> {
  await access(join(directory, main)).catch((error: unknown) => {
    throw new CheckFailure(`${join(directory, 'plugin.json')}: main: there is no ${main}.`, { cause: error });
  });
}

async function inspectCode(
  findings: Findings,
  watch: Watch,
  found: FoundPlugin,
  others: readonly FoundPlugin[],
  { server, template }: Pick<InspectOptions, 'server' | 'template'>,
): Promise<void> {
  const directories = [...others, found].map(({ directory }) => directory);
  const test = await startTestKernel({
    ...{ server, config: checkConfig() },
    ...(template !== undefined && { template }),
    sources: { bundled: [], directories, nodeModules: [] },
  });
  try {
    for (const { manifest } of others) await run(test, manifest.id, { verb: 'enable' });
    // A first request loads what the kernel loads once.
    await test.signUp();
    const processState = readProcessState();
    await inspectRegistrations(findings, watch, test, found);
    await inspectLife(findings, watch, test, found, processState);
  } finally {
    await test.stop();
  }
}

async function inspectRegistrations(findings: Findings, watch: Watch, test: TestKernel, found: FoundPlugin): Promise<void> {
  let plugin: Plugin | undefined;
  await findings.run('code', async () => {
    plugin = await loadPlugin(found);
    return [];
  });
  const loaded = plugin;
  if (loaded === undefined) throw new CheckFailure('There is no code.');
  await findings.run('apply', () => checkApply(test.kernel, found, loaded, watch));
  await findings.run('names', () => checkNames(applyOnce(test.kernel, found, loaded), found.manifest.id));
}

async function loadPlugin({ manifest: { main = 'index.ts' }, directory }: FoundPlugin): Promise<Plugin> {
  const path = join(directory, main);
  const module = (await import(pathToFileURL(path).href)) as { default?: Partial<Plugin> };
  if (typeof module.default?.apply !== 'function') {
    throw new CheckFailure(`${path}: the default export must be definePlugin({ apply }).`);
  }
  return module.default as Plugin;
}

async function inspectLife(
  findings: Findings,
  watch: Watch,
  test: TestKernel,
  found: FoundPlugin,
  processState: ReturnType<typeof readProcessState>,
): Promise<void> {
  const { kernel } = test;
  const { id } = found.manifest;
  const schema = await snapshotSchema(test.knex);
  await findings.run('start', () => checkStart(test, id));
  const routes = kernel.plugins.composition.routes.routes.filter(({ owner }) => owner === id);
  await findings.run('routes', () => checkDocumentation(routes));
  await findings.run('hostile requests', () => checkHostileRequests(test, routes));
  await findings.run('disable', async () => {
    await run(test, id, { verb: 'disable' });
    return findTraces(kernel, id, watch, processState);
  });
  await findings.run('migrations', () => checkMigrations(kernel, found, schema));
  await findings.run('enable again', async () => {
    await run(test, id, { verb: 'enable' });
    return [];
  });
}

/** Enables the plugin; answers what is wrong with the time and the memory that its start takes. */
async function checkStart(test: TestKernel, id: string): Promise<string[]> {
  const heap = settledHeap();
  const started = performance.now();
  await run(test, id, { verb: 'enable' });
  const milliseconds = performance.now() - started;
  return overLimits('Enabling it', { milliseconds, bytes: settledHeap() - heap }, MOST_START_MS);
}

async function run(test: TestKernel, id: string, command: PluginCommand): Promise<void> {
  await runCommand(test.kernel.plugins, id, command, { kind: 'cli' });
}

/** Short limits, so that what hangs is found soon, and no quarantine, so that every route is seen. */
function checkConfig(): Config {
  const config = testConfig();
  const { limits, breaker } = config.containment;
  return {
    ...config,
    containment: {
      ...config.containment,
      limits: { ...limits, load: 5_000, lifecycle: MOST_START_MS, handler: HANDLER_LIMIT_MS },
      breaker: { ...breaker, faults: Number.MAX_SAFE_INTEGER },
    },
  };
}

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core';
import { startFakeStripe, type FakeStripe, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { defaultSources } from '../../../kernel/installation.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

export const PHONE = 390;
export const DESK = 1440;
const HEIGHTS: Record<number, number> = { [PHONE]: 844, [DESK]: 900 };
const MOST_SCRIPT_BYTES = 200_000;
const USABLE_MS = 1_000;
const MEASURED_TIMES = 3;
const TIMES_THE_PLAINEST = 4;
/** A page for which nothing has been asked for so long has come to rest. */
const QUIET_MS = 100;
const HERE = ['127.0.0.1', 'localhost'];
const PICTURES = join(import.meta.dirname, '..', 'screenshots');
const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');
const STRANGERS = ['badges', 'hydration', 'quote', 'training-plans'].map((id) => join(EXAMPLES, id));

let browser: Browser | undefined;
let server: TestKernel | undefined;
let payments: FakeStripe | undefined;
let folder: PluginFolder | undefined;
let axe = '';

/** Fails at its route, and the first time that its work is done. */
const FLAKY = `
  let tries = 0;
  kernel.hooks.jobs.tap(kernel.id, (jobs) => jobs.add('lift', { retries: 0 }, () => { if (tries++ === 0) throw new Error('No weights left'); }));
  kernel.hooks.routes.tap(kernel.id, (routes) => {
    routes.get('/flaky', { summary: 'Fails', auth: 'none' }, () => { throw new Error('The rack fell over'); });
    routes.post('/flaky/work', { summary: 'Queues work that fails', transaction: true, status: 202 }, ({ trx }) => kernel.jobs.enqueue('lift', {}, { trx }));
  });`;

/** One browser and one server for all files: a gym with the bundled plugins that sells credits, and beside them plugins to be enabled. */
before(async function () {
  this.timeout(60_000);
  const executablePath = findChromium();
  await mkdir(PICTURES, { recursive: true });
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  [payments, folder] = await Promise.all([startFakeStripe(), writePlugins({ flaky: { manifest: { displayName: 'Flaky' }, apply: FLAKY } })]);
  const sources = { ...defaultSources({ pluginDirs: [] }), directories: [...STRANGERS, join(folder.directory, 'flaky')], nodeModules: [] };
  const kernel = startCopy({ sources, config: { stripe: payments.settings } });
  [browser, server] = await Promise.all([chromium.launch({ executablePath, args: ['--no-sandbox'] }), kernel]);
});

after(async () => {
  await Promise.all([browser?.close(), server?.stop()]);
  await Promise.all([payments?.stop(), folder?.remove()]);
});

function findChromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name))).find(existsSync);
  if (found === undefined) throw new Error('There is no chromium on this machine: apt-get install chromium.');
  return found;
}

export function gym(): TestKernel {
  if (server === undefined) throw new Error('The server does not run.');
  return server;
}

export function stripe(): FakeStripe {
  if (payments === undefined) throw new Error('Nothing stands for Stripe.');
  return payments;
}

/** The folder of the plugins that only the tests have. */
export function strangers(): PluginFolder {
  if (folder === undefined) throw new Error('There are no plugins of the tests.');
  return folder;
}

/** Somebody's browser: it fails the test for what no page may do. */
export class Visit {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #wrong: string[] = [];
  readonly #expected: RegExp[] = [];
  readonly #scripts = new Map<string, number>();
  readonly #reading: Promise<void>[] = [];
  readonly #pending = new Set<Request>();

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.#wrong.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.#wrong.push(`not caught: ${error.message}`));
    page.on('request', (request) => {
      if (request.url().startsWith('http')) this.#pending.add(request);
      this.#watch(request);
    });
    page.on('requestfailed', (request) => this.#pending.delete(request));
    page.on('requestfinished', (request) => {
      this.#pending.delete(request);
      if (request.resourceType() === 'script') this.#reading.push(this.#measure(request));
    });
  }

  #watch(request: Request): void {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && !HERE.includes(url.hostname)) this.#wrong.push(`asks for ${request.url()}`);
  }

  async #measure(request: Request): Promise<void> {
    const body = await (await request.response())?.body().catch(() => undefined);
    this.#scripts.set(request.url(), body?.length ?? 0);
  }

  /** Bytes of script that have been loaded, as they are run. */
  async scriptBytes(): Promise<number> {
    await Promise.all(this.#reading);
    return [...this.#scripts.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** What the test does on purpose is no fault of the page: the browser writes down every refusal. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  async open(path: string): Promise<void> {
    await this.#goto(gym().kernel.url + path);
  }

  /** Opens the same server by a name, which passkeys need. */
  async openNamed(path: string): Promise<void> {
    await this.#goto(gym().kernel.url.replace('127.0.0.1', 'localhost') + path);
  }

  async #goto(address: string): Promise<void> {
    await this.page.goto(address, { waitUntil: 'load' });
    await this.settle();
  }

  /** Waits until nothing loads any more. */
  async settle(): Promise<void> {
    const deadline = Date.now() + 10_000;
    for (let quietSince = Infinity; Date.now() - quietSince < QUIET_MS; ) {
      if (Date.now() > deadline) throw new Error(`${this.page.url()} does not come to rest.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const isQuiet = this.#pending.size === 0 && (await this.page.locator('#root :is(.loading, [aria-busy="true"])').count()) === 0;
      quietSince = isQuiet ? Math.min(quietSince, Date.now()) : Infinity;
    }
  }

  /** Keeps a picture at both widths, and asks axe at both. */
  async look(name: string): Promise<void> {
    for (const width of [PHONE, DESK]) {
      await this.page.setViewportSize({ width, height: HEIGHTS[width] ?? 800 });
      await this.settle();
      // As tall as the page, so that what sticks to the bottom is there in the picture.
      const tall = await this.page.evaluate<number>("document.querySelector('dialog[open]') ? 0 : document.documentElement.scrollHeight");
      await this.page.setViewportSize({ width, height: Math.max(tall, HEIGHTS[width] ?? 800) });
      await this.page.screenshot({ path: join(PICTURES, `${name}-${String(width)}.png`), fullPage: tall > 0, animations: 'disabled' });
      const tooWide = await this.page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      assert.ok(tooWide <= 0, `${name} at ${String(width)} pixels is ${String(tooWide)} too wide`);
      await this.#checkAccess(name, width);
    }
  }

  async #checkAccess(name: string, width: number): Promise<void> {
    await this.page.evaluate(axe);
    // Colours are the same at both widths, and looking at them takes longest.
    const rules = width === PHONE ? '' : "rules: { 'color-contrast': { enabled: false } },";
    const { violations } = await this.page.evaluate<AxeResults>(`axe.run(document, { ${rules} resultTypes: ['violations'] })`);
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const lines = serious.flatMap(({ id, help, nodes }) => nodes.slice(0, 4).map((node) => `${id} (${help}): ${node.html} ${node.any.map(({ message }) => message).join(' ')}`));
    assert.deepEqual(lines, [], `${name} at ${String(width)} pixels`);
  }

  /** Ends the visit. @throws AssertionError for errors in the console and requests that left the machine. */
  async end(): Promise<void> {
    const bytes = await this.scriptBytes();
    await this.#context.close();
    assert.deepEqual(this.#wrong.filter((line) => !this.#expected.some((pattern) => pattern.test(line))), []);
    assert.ok(bytes <= MOST_SCRIPT_BYTES, `${String(bytes)} bytes of script were loaded`);
  }
}

interface VisitOptions {
  as?: TestUser;
  /** PHONE unless said. */
  width?: number;
  scheme?: 'light' | 'dark';
  /** The time zone of the device; UTC unless said. */
  zone?: string;
}

/** Opens a browser of its own, signed in as somebody when said, and ends it after `work`. */
export async function visit(work: (visit: Visit) => Promise<void>, options: VisitOptions = {}): Promise<void> {
  if (browser === undefined) throw new Error('The browser does not run.');
  const { as, width = PHONE, scheme = 'light', zone = 'UTC' } = options;
  const context = await browser.newContext({ viewport: { width, height: HEIGHTS[width] ?? 800 }, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: zone });
  context.setDefaultTimeout(10_000);
  // A session of its own: a refresh token is good once.
  const tokens = as && (await gym().post('/api/auth/login', { body: { username: as.username, password: as.password } })).body.data;
  if (tokens !== undefined) {
    const token = JSON.stringify(tokens.refreshToken);
    await context.addInitScript({
      content: `if (sessionStorage.getItem('begun') === null) { sessionStorage.setItem('begun', 'yes'); localStorage.setItem('musclemap.refresh-token', ${token}); }`,
    });
  }
  const one = new Visit(context, await context.newPage());
  try {
    await work(one);
  } catch (error) {
    await context.close();
    throw error;
  }
  await one.end();
}

/** Milliseconds from asking for a page, in a browser that has kept nothing, to the moment that `selector` is shown. */
async function measureUsable(as: TestUser, path: string, selector: string): Promise<number> {
  let milliseconds = Infinity;
  await visit(
    async (one) => {
      const started = performance.now();
      await one.page.goto(gym().kernel.url + path, { waitUntil: 'commit' });
      await one.page.locator(selector).first().waitFor();
      milliseconds = performance.now() - started;
      await one.settle();
    },
    { as, width: DESK },
  );
  return milliseconds;
}

/**
 * Opens each page three times, each in a fresh browser; the middle one counts, so that neither the first warmth of a cache nor one
 * moment of a busy machine decides. A machine on which the plainest page takes long has four times that instead of a second.
 * @throws AssertionError naming the pages whose selector is not shown in time.
 */
export async function checkUsable(as: TestUser, pages: readonly (readonly [path: string, selector: string])[]): Promise<void> {
  const plainest = await medianUsable(as, '/account/reset-password', 'form');
  const limit = Math.max(USABLE_MS, TIMES_THE_PLAINEST * plainest);
  const slow: string[] = [];
  for (const [path, selector] of pages) {
    const median = await medianUsable(as, path, selector);
    if (median > limit) slow.push(`${path}: ${String(Math.round(median))} ms, where ${String(Math.round(limit))} are allowed`);
  }
  assert.deepEqual(slow, []);
}

async function medianUsable(as: TestUser, path: string, selector: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < MEASURED_TIMES; n += 1) times.push(await measureUsable(as, path, selector));
  return times.sort((one, other) => one - other)[MEASURED_TIMES >> 1] ?? Infinity;
}

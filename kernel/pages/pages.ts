import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { PageFileContent } from './content.ts';

/** One file of a page. */
export interface PageFile {
  content: string | Uint8Array;
  /** Its name changes with its content, as `app-3F9A1C22.js`: browsers keep it for good and ask no more. */
  isImmutable?: boolean;
}

/** What a plugin shows in a browser, at an address of its own beside /api. */
export interface Page {
  /** Where it begins: one word at the root, as `/console`. Addresses below it that name no file answer `index.html`. */
  path: string;
  /** For who looks where things are. */
  title: string;
  /**
   * The address below `path`, as `setup`, to which the link of the first start leads, its token behind the #: the page makes the first
   * account by POST /auth/setup. Without such a page the link leads to a plain form of the kernel's.
   */
  setup?: string;
  /** By their name below `path`, as `index.html` and `assets/app-3F9A1C22.js`; `index.html` has to be there. */
  files: Readonly<Record<string, PageFile>>;
}

/** Where a plugin puts its pages for browsers. */
export interface PageRegistrar {
  /**
   * Serves files at the root, from memory. Scripts, styles, fonts and requests are the server's own only: nothing inline, nothing from
   * elsewhere (its Content-Security-Policy says so to the browser), and nobody may put the page into a frame.
   *
   * @example
   * kernel.hooks.pages.tap('gym', (pages) => {
   *   pages.add({ path: '/gym', title: 'Opening hours', files: { 'index.html': { content: html }, 'app.js': { content: script } } });
   * });
   */
  add(page: Page): void;
}

/** A registered page with its owner. */
export interface OwnedPage {
  owner: string;
  path: string;
  title: string;
  /** From the root. */
  setup: string | undefined;
  files: ReadonlyMap<string, PageFileContent>;
  index: PageFileContent;
}

/** The pages of one composition. */
export interface PageTable {
  all: readonly OwnedPage[];
  /** Where the first account is made, from the root. */
  setup: string | undefined;
  /** The page that an address belongs to, and its file there; undefined for an address below it that nothing lies at. */
  find(path: string): { page: OwnedPage; file: PageFileContent | undefined } | undefined;
}

/** What the kernel serves at the root itself. */
const RESERVED = new Set(['/api', '/account', '/docs', '/health', '/metrics', '/ready']);
const PATH = /^\/[a-z][a-z0-9-]*$/;
const SETUP = /^[a-z][a-z0-9-]*$/;
const FILE = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

/** Collects one owner's pages. */
export function pageRegistrar(owner: string, into: OwnedPage[], refuse: (what: string) => never): PageRegistrar {
  return {
    add({ path, title, setup, files }) {
      if (!PATH.test(path)) refuse(`the page "${path}" is not one word at the root, as /console.`);
      if (RESERVED.has(path)) refuse(`the page ${path} collides with the kernel's own.`);
      const twin = into.find((other) => other.path === path);
      if (twin !== undefined) refuse(`the page ${path} is taken by ${twin.owner}.`);
      const wrong = Object.keys(files).find((name) => !FILE.test(name));
      if (wrong !== undefined) refuse(`the page ${path} has a file with the name "${wrong}".`);
      const contents = new Map(Object.entries(files).map(([name, file]) => [name, contentOf(name, file)]));
      const index = contents.get('index.html') ?? refuse(`the page ${path} has no index.html.`);
      if (setup !== undefined && !SETUP.test(setup)) refuse(`the page ${path} has the setup "${setup}", which is no address below it.`);
      into.push({ owner, path, title, setup: setup && `${path}/${setup}`, files: contents, index });
    },
  };
}

/** The same file is compressed once, however often the plugins are composed. */
const made = new WeakMap<PageFile, PageFileContent>();

function contentOf(name: string, file: PageFile): PageFileContent {
  const known = made.get(file);
  if (known !== undefined) return known;
  const bytes = Buffer.from(file.content);
  const content = new PageFileContent({
    bytes,
    extension: extname(name),
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    isImmutable: file.isImmutable === true,
  });
  made.set(file, content);
  return content;
}

export function createPageTable(pages: readonly OwnedPage[]): PageTable {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return {
    all: pages,
    setup: pages.find((page) => page.setup !== undefined)?.setup,
    find(path) {
      const end = path.indexOf('/', 1);
      const page = byPath.get(end === -1 ? path : path.slice(0, end));
      if (page === undefined) return undefined;
      const name = end === -1 ? '' : path.slice(end + 1);
      const isFile = extname(name) !== '';
      return { page, file: isFile ? page.files.get(name) : page.index };
    },
  };
}

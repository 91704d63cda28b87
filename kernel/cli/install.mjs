// Runs before npm start, npm test and npm run check: installs what the lockfile names when node_modules lacks it.
// Plain JavaScript without imports from npm, since nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The lockfile's packages, as npm wrote them to `file`; undefined when there is no such file. */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(root + file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Whether every package that the lockfile requires on this machine is installed in the version it names. */
function isInstalled() {
  const wanted = lockedPackages('package-lock.json');
  const found = lockedPackages('node_modules/.package-lock.json');
  if (wanted === undefined) return true;
  if (found === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || found[path]?.version === entry.version,
  );
}

if (!isInstalled()) {
  console.error('musclemap: installing the packages that package-lock.json names …');
  const npm = spawnSync('npm', ['ci', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

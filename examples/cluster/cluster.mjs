#!/usr/bin/env node
// Three kernels behind nginx, a PostgreSQL with a streaming replica, and Redis, from the packages of this machine. What it starts
// it writes down, and nothing else is ever stopped.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `node examples/cluster/cluster.mjs COMMAND [options]

  up               starts what does not run, and prints the address
  status           what runs, and how far the replica is behind
  rolling-restart  restarts one kernel after the other; no request is lost
  down             stops everything; --purge deletes the data as well

  --home=DIR       data, logs and secrets (${join(tmpdir(), 'musclemap-cluster')})
  --port=N         of nginx, 8080; the others follow from N + 1 on. For the first \`up\`
  --json           status for a program
`;

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const KERNELS = ['kernel-1', 'kernel-2', 'kernel-3'];
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    home: { type: 'string', default: join(tmpdir(), 'musclemap-cluster') },
    port: { type: 'string', default: '8080' },
    json: { type: 'boolean', default: false },
    purge: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const home = options.home;
const statePath = join(home, 'cluster.json');
const state = existsSync(statePath) ? JSON.parse(readFileSync(statePath, 'utf8')) : undefined;

const commands = { up, status, down, 'rolling-restart': rollingRestart };
const command = commands[positionals[0]];
if (options.help || command === undefined) {
  process.stdout.write(USAGE);
  process.exit(options.help ? 0 : 2);
}
try {
  await command();
} catch (error) {
  process.stderr.write(`cluster: ${error.message}\n`);
  process.exit(1);
}

async function up() {
  const tools = findTools();
  const cluster = state ?? begin();
  await startPrimary(cluster, tools);
  await startReplica(cluster, tools);
  await startProcess(cluster, 'redis', tools.redis, ['--port', String(cluster.ports.redis), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
  for (const name of KERNELS) await startKernel(cluster, name);
  await startNginx(cluster, tools);
  say(`http://127.0.0.1:${cluster.ports.nginx}`);
}

function begin() {
  mkdirSync(home, { recursive: true, mode: 0o755 });
  chmodSync(home, 0o755);
  const first = Number(options.port);
  if (!Number.isInteger(first) || first < 1 || first > 65_000) throw new Error(`--port is no port: ${options.port}`);
  const names = ['nginx', 'primary', 'replica', 'redis', ...KERNELS];
  const secret = () => randomBytes(24).toString('hex');
  const cluster = {
    ports: Object.fromEntries(names.map((name, index) => [name, first + index])),
    secrets: { postgres: secret(), musclemap: secret(), replicator: secret(), jwt: secret() },
    processes: {},
  };
  save(cluster);
  return cluster;
}

function save(cluster) {
  writeFileSync(statePath, JSON.stringify(cluster, null, 2), { mode: 0o600 });
}

/** @throws Error that names the package that is missing. */
function findTools() {
  const debian = '/usr/lib/postgresql';
  const [newest] = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const postgres = newest === undefined ? onPath('pg_basebackup', 'postgresql').replace(/pg_basebackup$/, '') : `${join(debian, newest, 'bin')}/`;
  return { postgres, redis: onPath('redis-server', 'redis-server'), nginx: onPath('nginx', 'nginx-light') };
}

function onPath(name, debianPackage) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is missing: apt-get install ${debianPackage}`);
  return found;
}

/** PostgreSQL refuses to be root. */
function account() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function ownFolder(name) {
  const path = join(home, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, gid } = account();
  if (uid !== undefined) chownSync(path, uid, gid);
  return path;
}

async function startPrimary(cluster, { postgres }) {
  const { ports, secrets } = cluster;
  const data = ownFolder('primary');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const passwords = join(ownFolder('secrets'), 'postgres');
    writeFileSync(passwords, secrets.postgres);
    const { uid, gid } = account();
    if (uid !== undefined) chownSync(passwords, uid, gid);
    run(`${postgres}initdb`, ['-D', data, '-U', 'postgres', `--pwfile=${passwords}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--data-checksums']);
  }
  await startPostgres(cluster, 'primary', postgres, data, { wal_level: 'replica', max_wal_senders: '5', max_slot_wal_keep_size: '2GB' });
  const sql = (text, database = 'postgres') =>
    run(`${postgres}psql`, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', text, urlOf(cluster, 'primary', 'postgres', database)]);
  if (sql(`SELECT 1 FROM pg_roles WHERE rolname = 'musclemap'`) === '') {
    sql(`CREATE ROLE musclemap LOGIN CREATEROLE PASSWORD '${secrets.musclemap}'`);
    sql(`CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${secrets.replicator}'`);
    sql(`SELECT pg_create_physical_replication_slot('replica')`);
    sql('CREATE DATABASE musclemap OWNER musclemap');
  }
  say(`primary on ${ports.primary}`);
}

async function startReplica(cluster, { postgres }) {
  const data = ownFolder('replica');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const { ports, secrets } = cluster;
    const source = `host=127.0.0.1 port=${ports.primary} user=replicator password=${secrets.replicator} application_name=replica`;
    run(`${postgres}pg_basebackup`, ['-D', data, '-d', source, '-R', '-S', 'replica', '-X', 'stream', '--checkpoint=fast']);
  }
  await startPostgres(cluster, 'replica', postgres, data, { hot_standby_feedback: 'on' });
  say(`replica on ${cluster.ports.replica}`);
}

async function startPostgres(cluster, name, postgres, data, settings) {
  const all = { port: cluster.ports[name], listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200', ...settings };
  const args = ['-D', data, ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  await startProcess(cluster, name, `${postgres}postgres`, args, { ...account(), cwd: data });
  await until(() => answersSql(cluster, name, postgres), `${name} to answer`);
}

function answersSql(cluster, name, postgres) {
  try {
    return run(`${postgres}psql`, ['-qAtX', '-c', 'SELECT 1', urlOf(cluster, name, 'postgres', 'postgres')]) === '1';
  } catch {
    return false;
  }
}

function urlOf({ ports, secrets }, name, role, database) {
  return `postgres://${role}:${secrets[role]}@127.0.0.1:${ports[name]}/${database}`;
}

/** The same for every kernel but for the port. Migrations wait for each other behind a lock of the database. */
async function startKernel(cluster, name) {
  const { ports, secrets } = cluster;
  const env = {
    ...{ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(ports[name]), MUSCLEMAP_HOME: join(home, name) },
    ...{ PUBLIC_URL: `http://127.0.0.1:${ports.nginx}`, TRUST_PROXY: '1', JWT_SECRET: secrets.jwt, STORAGE_URL: `file://${join(home, 'files')}` },
    DATABASE_URL: urlOf(cluster, 'primary', 'musclemap', 'musclemap'),
    DATABASE_REPLICA_URL: urlOf(cluster, 'replica', 'musclemap', 'musclemap'),
    REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    DRAIN_SECONDS: '3',
  };
  const given = Object.fromEntries(Object.entries(process.env).filter(([key]) => !(key in env)));
  await startProcess(cluster, name, process.execPath, [join(root, 'kernel/supervisor.mjs')], { cwd: root, env: { ...given, ...env } });
  await until(() => isReady(cluster, name), `${name} to be ready; ${join(home, `${name}.log`)} says more`, 120_000);
  say(`${name} on ${ports[name]}`);
}

async function isReady({ ports }, name) {
  const answer = await fetch(`http://127.0.0.1:${ports[name]}/ready`, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
  return answer?.status === 200;
}

async function startNginx(cluster, { nginx }) {
  const servers = KERNELS.map((name) => `server 127.0.0.1:${cluster.ports[name]} `);
  let next = 0;
  writeFileSync(join(home, 'upstream.conf'), readFileSync(join(here, 'upstream.conf'), 'utf8').replaceAll(/server \S+ /g, () => servers[next++]));
  const configuration = readFileSync(join(here, 'nginx.conf'), 'utf8').replaceAll('{{home}}', home).replaceAll('{{port}}', `127.0.0.1:${cluster.ports.nginx}`);
  writeFileSync(join(home, 'nginx.conf'), configuration);
  await startProcess(cluster, 'nginx', nginx, ['-c', join(home, 'nginx.conf'), '-p', home, '-e', join(home, 'nginx.log'), '-g', 'daemon off;']);
  await until(() => isReady(cluster, 'nginx'), 'nginx to answer');
}

/** nginx is not told: it sends to another kernel what one takes no more, and tries that one again soon. */
async function rollingRestart() {
  const cluster = required();
  for (const name of KERNELS) {
    await stopProcess(cluster, name, 'SIGTERM');
    await startKernel(cluster, name);
  }
}

async function down() {
  const cluster = required();
  for (const [name, signal] of [['nginx', 'SIGQUIT'], ...KERNELS.map((name) => [name, 'SIGTERM']), ['redis', 'SIGTERM'], ['replica', 'SIGINT'], ['primary', 'SIGINT']]) {
    await stopProcess(cluster, name, signal);
  }
  if (options.purge) rmSync(home, { recursive: true, force: true });
}

async function status() {
  const cluster = required();
  const rows = await Promise.all(
    Object.keys(cluster.ports).map(async (name) => {
      const isRunning = runs(cluster.processes[name]);
      const hasReady = name === 'nginx' || KERNELS.includes(name);
      return { name, port: cluster.ports[name], pid: isRunning ? cluster.processes[name].pid : null, ready: hasReady ? await isReady(cluster, name) : isRunning };
    }),
  );
  const replicaLagSeconds = await lagOf(cluster);
  if (options.json) say(JSON.stringify({ url: `http://127.0.0.1:${cluster.ports.nginx}`, processes: rows, replicaLagSeconds }));
  else {
    for (const { name, port, pid, ready } of rows) say(`${name.padEnd(10)} ${String(port).padEnd(6)} ${pid === null ? 'stopped' : `pid ${pid}${ready ? '' : ', not ready'}`}`);
    say(`the replica is ${replicaLagSeconds === null ? 'not asked' : `${replicaLagSeconds} s`} behind`);
  }
  if (!rows.every(({ ready }) => ready)) process.exitCode = 1;
}

async function lagOf({ ports }) {
  const answer = await fetch(`http://127.0.0.1:${ports[KERNELS[0]]}/metrics`, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
  const found = /^musclemap_replica_lag_seconds (\S+)$/m.exec((await answer?.text()) ?? '');
  return found === null ? null : Number(found[1]);
}

function required() {
  if (state === undefined) throw new Error(`there is no cluster in ${home}: node examples/cluster/cluster.mjs up`);
  return state;
}

async function startProcess(cluster, name, program, args, more = {}) {
  if (runs(cluster.processes[name])) return;
  const log = openSync(join(home, `${name}.log`), 'a');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], ...more });
  closeSync(log);
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  cluster.processes[name] = { pid: child.pid, startedAt: startOf(child.pid) };
  save(cluster);
}

async function stopProcess(cluster, name, signal) {
  const noted = cluster.processes[name];
  if (!runs(noted)) return;
  process.kill(noted.pid, signal);
  await until(() => !runs(noted), `${name} to stop`, 20_000);
  say(`${name} has stopped`);
}

/** Whether a process runs and is the one that was started, not another one with its number. */
function runs(noted) {
  return noted !== undefined && noted.startedAt !== undefined && startOf(noted.pid) === noted.startedAt;
}

/** When a process was started, in ticks since the boot; undefined when it is over. */
function startOf(pid) {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

function run(program, args, as = account()) {
  return execFileSync(program, args, { ...as, cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

async function until(condition, what, limitMs = 60_000) {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await delay(100)) if (await condition()) return;
  throw new Error(`waited in vain for ${what}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

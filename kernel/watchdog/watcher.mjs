// The watchdog's thread. It shares nothing with the event loop that it watches but two numbers, so it goes on when that one is
// blocked; then it stops the loop with the debugger and reads from its stack whose code is running. Plain JavaScript that loads
// nothing until it has to: a thread of its own is cheap only when it is small.
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

const TICK_MS = 50;
const LONGEST_GAP_MS = 250;
const PAUSE_LIMIT_MS = 1_000;
const WRITE_LIMIT_MS = 3_000;
/** The kernel's own code gets this many times the time of a plugin's before the process is given up. */
const PATIENCE = 10;
const { beat, running, stallMs, memoryLimit, databaseUrl } = workerData;

let places = [];
parentPort.on('message', (message) => {
  if (message.places) places = message.places;
});

let lastBeat = -1;
let silentMs = 0;
let lastTick = performance.now();
let lookedAt = 0;
let isSampling;
let isBusy = false;

const timer = setInterval(() => {
  if (isBusy) return;
  isBusy = true;
  look()
    .catch((error) => say('error', `the watchdog failed: ${error.message}`))
    .finally(() => (isBusy = false));
}, TICK_MS);
parentPort.on('close', () => clearInterval(timer));

/** A long gap between two looks counts as a short one: a machine that slept is not a loop that is blocked. */
async function look() {
  const now = Atomics.load(beat, 0);
  const tick = performance.now();
  silentMs = now === lastBeat ? silentMs + Math.min(tick - lastTick, LONGEST_GAP_MS) : 0;
  lastTick = tick;
  if (now !== lastBeat) lookedAt = 0;
  lastBeat = now;
  if (silentMs >= stallMs && silentMs - lookedAt >= stallMs) {
    lookedAt = silentMs;
    await judgeStall();
  }
  await watchMemory();
}

async function judgeStall() {
  const found = await findCulprit();
  const seconds = (silentMs / 1000).toFixed(1);
  if (found.owner !== 'kernel') {
    await giveUp({ ...found, reason: `its code did not let go of the event loop for ${seconds} s` });
  } else if (silentMs >= stallMs * PATIENCE) {
    say('fatal', `the event loop has been blocked for ${seconds} s by no plugin; the server is started again`);
    process.kill(process.pid, 'SIGKILL');
  } else {
    say('warn', `the event loop has been blocked for ${seconds} s by no plugin`);
  }
}

async function watchMemory() {
  const used = process.memoryUsage.rss() - memoryLimit.base;
  if (used > memoryLimit.most / 2 && isSampling === undefined) {
    isSampling = new Session();
    isSampling.connectToMainThread();
    isSampling.post('HeapProfiler.startSampling', { samplingInterval: 262_144 });
  } else if (used < memoryLimit.most / 3 && isSampling !== undefined) {
    isSampling.disconnect();
    isSampling = undefined;
  }
  if (used < memoryLimit.most) return;
  const running = await findCulprit();
  const found = running.owner === 'kernel' ? await findHoarder() : running;
  const megabytes = Math.round(used / 2 ** 20);
  if (found.owner !== 'kernel') {
    await giveUp({ ...found, reason: `its code has filled ${megabytes} MB of memory` });
  } else {
    say('warn', `${megabytes} MB of memory are used, by no plugin more than by the kernel`);
    memoryLimit.most *= 1.2;
  }
}

/** Stops the loop where it is and reads whose code that is: from the files on its stack, else from its context. */
async function findCulprit() {
  const session = new Session();
  session.connectToMainThread();
  const post = (method, parameters) =>
    new Promise((resolve) => session.post(method, parameters, (error, result) => resolve(error ? undefined : result)));
  const scripts = new Map();
  session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params.url));
  const paused = new Promise((resolve) => {
    session.once('Debugger.paused', ({ params }) => resolve(params.callFrames));
    setTimeout(resolve, PAUSE_LIMIT_MS);
  });
  try {
    session.post('Debugger.enable');
    session.post('Debugger.pause');
    const frames = await paused;
    if (frames === undefined) return entered();
    const { result } = (await post('Debugger.evaluateOnCallFrame', {
      callFrameId: frames[0].callFrameId,
      expression: `globalThis[Symbol.for('musclemap.watchdog')]()`,
      returnByValue: true,
    })) ?? { result: {} };
    const { owner = 'kernel', where = 'background', folders = [] } = JSON.parse(result.value ?? '{}');
    const stack = frames.map(({ functionName, location }) => ({
      url: scripts.get(location.scriptId) ?? '',
      text: `    at ${functionName || '<anonymous>'} (${scripts.get(location.scriptId)}:${location.lineNumber + 1})`,
    }));
    const seen = stack.map(({ url }) => ownerOf(url, folders)).find((id) => id !== undefined);
    return { owner: seen ?? owner, where: seen === undefined || seen === owner ? where : 'background', stack: stack.map(({ text }) => text).join('\n') };
  } finally {
    session.post('Debugger.resume');
    session.disconnect();
  }
}

/** Who entered last and has not come back: all that is known when the loop waits outside of JavaScript. */
function entered() {
  const place = places[running[0] - 1];
  return { owner: 'kernel', where: 'background', ...place, stack: null };
}

/** Whose code has allocated most of what is alive. */
async function findHoarder() {
  const post = (method, parameters) => new Promise((resolve) => isSampling.post(method, parameters, (_error, result) => resolve(result)));
  const { result } = (await post('Runtime.evaluate', { expression: `globalThis[Symbol.for('musclemap.watchdog')]()`, returnByValue: true })) ?? {};
  const { folders = [] } = JSON.parse(result?.value ?? '{}');
  const { profile } = (await post('HeapProfiler.getSamplingProfile')) ?? {};
  const sizes = new Map();
  const walk = (node, around) => {
    const owner = ownerOf(node.callFrame.url, folders) ?? around;
    sizes.set(owner, (sizes.get(owner) ?? 0) + node.selfSize);
    for (const child of node.children) walk(child, owner);
  };
  if (profile) walk(profile.head, 'kernel');
  const [owner = 'kernel'] = [...sizes].sort((a, b) => b[1] - a[1])[0] ?? [];
  return { owner, where: 'background', stack: null };
}

function ownerOf(url, folders) {
  return folders.find(({ prefixes }) => prefixes.some((prefix) => url.startsWith(prefix)))?.id;
}

/** Writes the quarantine down and ends the process: nothing less stops code that does not return. */
async function giveUp({ owner, where, stack, reason }) {
  const started = performance.now();
  say('fatal', `${owner} is put into quarantine: ${reason}; the server is started again without it`, { plugin: owner, place: where });
  try {
    await Promise.race([
      write(owner, reason, where, stack),
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error('the database did not answer')), WRITE_LIMIT_MS)),
    ]);
  } catch (error) {
    say('error', `the quarantine of ${owner} could not be written down: ${error.message}`);
  }
  say('info', `written down after ${Math.round(performance.now() - started)} ms`);
  process.kill(process.pid, 'SIGKILL');
}

// The statement of kernel/plugins/health/quarantine.ts, which this thread cannot load.
async function write(owner, reason, where, stack) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO plugin_quarantines (plugin_id, reason, place, error, stack)
     SELECT id, $2, $3, $4, $5 FROM installed_plugins WHERE id = $1 ON CONFLICT (plugin_id) DO NOTHING`,
    [owner, reason, where, 'the process had to be ended', stack],
  );
  await client.end();
}

/** A line of the log. The loop that writes the others cannot. */
function say(level, msg, more = {}) {
  writeSync(2, `${JSON.stringify({ level, time: new Date().toISOString(), ...more, msg })}\n`);
}

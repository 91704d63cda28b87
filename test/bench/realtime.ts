/**
 * One event to many sockets of one instance: node --import ./kernel/typescript/register.mjs test/bench/realtime.ts [--quick] [--json]. The clients
 * live in a process of their own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { startTestKernel, startTestServer, testConfig } from '../../kernel/testing.ts';
import { atMost, isQuick, runBench, shown, type Figure } from './figure.ts';

const LIMIT_MS = 250;
const SOCKETS = isQuick ? 2_000 : 10_000;
const EVENTS = 20;
const OPENED_AT_ONCE = 200;

interface Arrivals {
  p50: number;
  p99: number;
  most: number;
  missing: number;
}

const now = (): number => performance.timeOrigin + performance.now();

async function benchRealtime(): Promise<Figure[]> {
  const sockets = SOCKETS;
  const server = await startTestServer();
  const { realtime } = testConfig();
  const kernel = await startTestKernel({
    server,
    sources: { bundled: [], directories: [], nodeModules: [] },
    config: { realtime: { ...realtime, socketsPerUser: sockets } },
  });
  const member = await kernel.signUp();
  const channel = `user:${member.id}`;
  global.gc?.();
  const before = process.memoryUsage().rss;
  const client = fork(fileURLToPath(import.meta.url), ['client', kernel.kernel.url, member.accessToken, channel, String(sockets)]);
  await once(client, 'message');
  const bytesPerSocket = Math.round((process.memoryUsage().rss - before) / sockets);
  const service = kernel.kernel.realtime.serviceFor('kernel');
  for (let event = 0; event < EVENTS; event++) {
    const heard = once(client, 'message');
    await service.publish(channel, 'tick', { sentAt: now(), padding: 'x'.repeat(120) });
    await heard;
  }
  const done = once(client, 'message');
  client.send('report');
  const [arrivals] = (await done) as [Arrivals];
  client.kill();
  await kernel.stop();
  await server.stop();
  const many = sockets.toLocaleString('en');
  return [
    shown(`one event to ${many} sockets, p50`, arrivals.p50, 'ms'),
    atMost(`one event to ${many} sockets, p99`, arrivals.p99, 'ms', LIMIT_MS),
    atMost('events that did not arrive', arrivals.missing, '', 0),
    shown('memory of a socket', bytesPerSocket / 1024, 'KB'),
  ];
}

/** Opens the sockets, tells when each event has reached all of them, and reports how long it took. */
async function runClient(url: string, token: string, channel: string, count: number): Promise<void> {
  const delays: number[] = [];
  let heard = 0;
  const open = async (): Promise<void> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/realtime`, { headers: { Authorization: `Bearer ${token}` }, perMessageDeflate: false });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'subscribe', channel }));
    await once(socket, 'message');
    socket.on('message', (text: Buffer) => {
      // Found, not parsed: ten thousand clients on one machine should cost little more than their sockets do.
      const at = text.indexOf('"sentAt":') + 9;
      delays.push(now() - Number.parseFloat(text.toString('latin1', at, at + 20)));
      heard += 1;
      if (heard % count === 0) process.send?.('heard');
    });
  };
  for (let opened = 0; opened < count; opened += OPENED_AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, count - opened) }, open));
  }
  process.send?.('ready');
  process.once('message', () => {
    delays.sort((a, b) => a - b);
    const at = (share: number): number => Math.round(delays[Math.ceil(delays.length * share) - 1] ?? 0);
    process.send?.({ p50: at(0.5), p99: at(0.99), most: at(1), missing: count * EVENTS - delays.length });
  });
}

const [role, url = '', token = '', channel = '', count = '0'] = process.argv.slice(2);
await (role === 'client' ? runClient(url, token, channel, Number(count)) : runBench(benchRealtime));

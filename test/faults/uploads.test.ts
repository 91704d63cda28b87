import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Classifier } from '../../plugins/messaging/moderation/classifier.ts';
import { ServerProcess } from '../support/server-process.ts';
import { until } from '../support/plugins.ts';
import { recordFault } from './support/report.ts';
import { pdf, sendFiles, signUpSender, type Sender } from './support/uploads.ts';

const MEBIBYTE = 1024 * 1024;

/** Needs /proc, to see what the server's memory is made of. */
describe('uploads under load', function () {
  this.timeout(300_000);
  let home: string;
  let server: ServerProcess;
  let url: string;
  const start = async (): Promise<void> => {
    server = new ServerProcess({ env: { MUSCLEMAP_HOME: home } });
    url = await server.url;
  };
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'musclemap-uploads-'));
    await chmod(home, 0o755);
    await start();
  });
  after(async () => {
    await server.end('SIGTERM');
    await rm(home, { recursive: true, force: true });
  });

  const signUp = (): Promise<Sender> => signUpSender(url);
  const send = async (sender: Sender, files: readonly Buffer[]): Promise<number> => (await sendFiles(url, sender, files)).status;
  /** Whether the newest message's attachment is no longer what it was sent as; without the model it stays. */
  const isJudged = async ({ token, conversation }: Sender): Promise<boolean> => {
    const answer = await fetch(`${url}/api/conversations/${conversation}/messages?limit=1`, { headers: { Authorization: `Bearer ${token}` } });
    const { data } = (await answer.json()) as { data: { attachments: { status: string }[] }[] };
    return !Classifier.isInstalled || data[0]?.attachments[0]?.status !== 'pending';
  };
  /** What the server holds, in MiB. */
  const memory = async (): Promise<number> => {
    const status = await readFile(`/proc/${String(server.child.pid)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  const peakDuring = async (work: () => Promise<unknown>): Promise<number> => {
    let peak = await memory();
    const timer = setInterval(() => {
      void memory().then((now) => (peak = Math.max(peak, now)));
    }, 20);
    await work().finally(() => {
      clearInterval(timer);
    });
    return peak;
  };
  const incoming = (): Promise<string[]> => readdir(join(home, 'incoming')).catch(() => []);

  it('take 400 MiB at once without holding them in memory', async () => {
    const senders = await Promise.all(Array.from({ length: 8 }, signUp));
    const file = pdf(10 * MEBIBYTE);
    const before = await memory();
    const statuses: number[] = [];
    const peak = await peakDuring(() => Promise.all(senders.map(async (sender) => statuses.push(await send(sender, [file, file, file, file, file])))));
    recordFault({ fault: '400 MiB of uploads at once', sent: 8, acknowledged: 8, note: `${before.toFixed(0)} MiB before, ${peak.toFixed(0)} MiB at most` });
    assert.deepEqual(statuses, Array.from({ length: 8 }, () => 201));
    assert.ok(peak - before < 150, `${before.toFixed(0)} → ${peak.toFixed(0)} MiB`);
    assert.deepEqual(await incoming(), []);
  });

  it('refuse bombs that would fill the memory, and take the largest pictures two at a time', async () => {
    const sender = await signUp();
    const empty = { channels: 3 as const, background: 'black' };
    // 900 megapixels of nothing are 2.7 GB; 49 megapixels are within what is taken.
    const bomb = await sharp({ create: { width: 30_000, height: 30_000, ...empty }, limitInputPixels: false }).png({ compressionLevel: 9 }).toBuffer();
    const large = await sharp({ create: { width: 7000, height: 7000, ...empty, noise: { type: 'gaussian', mean: 128, sigma: 20 } } }).jpeg({ quality: 50 }).toBuffer();
    assert.ok(bomb.length < 10 * MEBIBYTE && large.length < 10 * MEBIBYTE, `${String(bomb.length)}, ${String(large.length)}`);
    const before = await memory();
    const refused: number[] = [];
    const afterBombs = await peakDuring(() => Promise.all(Array.from({ length: 6 }, async () => refused.push(await send(sender, [bomb])))));
    // The model, where it is installed, is there before it is measured what the pictures need.
    assert.equal(await send(sender, [await sharp({ create: { width: 9, height: 9, ...empty } }).png().toBuffer()]), 201);
    await until(() => isJudged(sender), 'the first picture to be judged', 120_000);
    const withModel = await memory();
    const taken: number[] = [];
    const afterPictures = await peakDuring(() => Promise.all(Array.from({ length: 6 }, async () => taken.push(await send(sender, [large])))));
    const note = `${before.toFixed(0)} MiB before, ${afterBombs.toFixed(0)} MiB with bombs, ${withModel.toFixed(0)} MiB with the model, ${afterPictures.toFixed(0)} MiB with pictures of 49 megapixels`;
    recordFault({ fault: 'pictures that would fill the memory', sent: 12, acknowledged: 6, refused: 6, note });
    assert.deepEqual(refused, Array.from({ length: 6 }, () => 422));
    assert.deepEqual(taken, Array.from({ length: 6 }, () => 201));
    assert.ok(afterBombs - before < 100, `${before.toFixed(0)} → ${afterBombs.toFixed(0)} MiB`);
    assert.ok(afterPictures - withModel < 600, `${withModel.toFixed(0)} → ${afterPictures.toFixed(0)} MiB`);
  });

  it('leave nothing behind when the server is killed in the middle of one', async () => {
    const { token, conversation } = await signUp();
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    const head = '--b\r\nContent-Disposition: form-data; name="files"; filename="x.pdf"\r\n\r\n%PDF-1.4\n';
    socket.write(`POST /api/conversations/${conversation}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: k\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n${head}`);
    socket.write(Buffer.alloc(MEBIBYTE, 'x'));
    await until(async () => (await incoming()).length === 1, 'the file to arrive');
    await server.end('SIGKILL');
    const [left = ''] = await incoming();
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(home, 'incoming', left), longAgo, longAgo);
    await start();
    assert.deepEqual(await incoming(), []);
    recordFault({ fault: 'kill -9 in the middle of an upload' });
  });
});

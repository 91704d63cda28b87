import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { Classifier, type Scores } from '../../../plugins/messaging/moderation/classifier.ts';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { moving, plain, sendFiles, type SentFile } from './forms.ts';

/** A face as somebody would draw it, with strokes on brown paper. */
const STROKES = Array.from({ length: 60 }, (_, n) => `<path d="M${String((n * 53) % 400)} ${String((n * 97) % 400)} q ${String(20 + (n % 15))} ${String(-30 + (n % 20))} 50 10" stroke-width="1.5"/>`);
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400"><rect width="400" height="400" fill="#b89b72"/>
  <g stroke="#111" stroke-width="3" fill="none">
    <path d="M120 150 Q110 60 200 55 Q290 60 280 150 Q275 230 200 240 Q125 230 120 150Z" fill="#fde3cf"/>
    <path d="M118 140 Q100 40 205 35 Q310 40 282 140 Q260 80 200 95 Q140 80 118 140Z" fill="#3b2a6b"/>
    <ellipse cx="165" cy="150" rx="18" ry="26" fill="#fff"/><ellipse cx="235" cy="150" rx="18" ry="26" fill="#fff"/>
    <ellipse cx="168" cy="155" rx="10" ry="17" fill="#2c7bb6"/><ellipse cx="238" cy="155" rx="10" ry="17" fill="#2c7bb6"/>
    ${STROKES.join('')}
  </g></svg>`;

interface Judged {
  status: string;
  scores: Scores | null;
}

describe('the bundled moderator with its real model', function () {
  this.timeout(120_000);
  let kernel: TestKernel;
  let isStarted = false;
  let sender: TestUser;
  let conversation: string;
  before(async function () {
    if (!Classifier.isInstalled) {
      console.log('    skipped: nsfwjs and @tensorflow/tfjs are optional and not installed');
      this.skip();
    }
    kernel = await startCopy();
    isStarted = true;
    sender = await kernel.signUp();
    const friend = await kernel.signUp();
    conversation = (await kernel.post('/api/conversations', { as: sender, body: { type: 'direct', participantIds: [friend.id] } })).body.data.id as string;
  });
  after(() => (isStarted ? kernel.stop() : undefined));

  const judged = async (file: SentFile): Promise<Judged> => {
    const { status, body } = await sendFiles(kernel, sender, conversation, [file]);
    assert.equal(status, 201, JSON.stringify(body));
    const { id } = body.data.attachments[0] as { id: string };
    await kernel.settle();
    const row = await kernel.knex('message_attachments').where({ id }).first('moderation_status', 'moderation_scores');
    return { status: row.moderation_status, scores: row.moderation_scores };
  };

  it('lets a photograph of a person through as neutral', async () => {
    const { status, scores } = await judged({ name: 'eileen.jpg', bytes: await readFile(join(import.meta.dirname, 'files/astronaut.jpg')) });
    assert.deepEqual(Object.keys(scores ?? {}).sort(), ['drawing', 'hentai', 'neutral', 'porn', 'sexy']);
    assert.ok(scores && Math.abs(Object.values(scores).reduce((sum, score) => sum + score, 0) - 1) < 0.01);
    assert.ok(status === 'approved' && scores.neutral > 0.9, JSON.stringify(scores));
  });

  it('knows a drawing for one', async () => {
    const { status, scores } = await judged({ name: 'figure.png', bytes: await sharp(Buffer.from(DRAWING)).png().toBuffer() });
    assert.ok(status === 'approved' && scores && scores.drawing > 0.5, JSON.stringify(scores));
  });

  it('looks at every picture of an animation, and at nothing that is no picture', async () => {
    const { status, scores } = await judged({ name: 'dance.gif', bytes: await moving(6, 64) });
    assert.ok(scores !== null && status !== 'rejected', JSON.stringify(scores));
    assert.deepEqual(await judged({ name: 'x.pdf', bytes: Buffer.from('%PDF-1.4\n%%EOF') }), { status: 'pending', scores: null });
  });

  it('gives its thread back when the plugin stops, and begins another when it starts', async () => {
    const administrator = await kernel.signUp({ roles: ['user', 'admin'] });
    for (const what of ['disable', 'enable']) assert.equal((await kernel.post(`/api/admin/plugins/messaging/${what}`, { as: administrator })).status, 200);
    assert.notEqual((await judged({ name: 'again.png', bytes: await plain('white') })).scores, null);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { testConfig } from '../../kernel/testing.ts';
import { Notifications } from '../../kernel/database/notifications.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { until } from '../support/plugins.ts';

describe('the connection that hears other instances', () => {
  it('tries once a second to come back, however long the database is away', async () => {
    let attempts = 0;
    const database = createServer((socket) => {
      attempts += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(database, 'listening');
    const { port } = database.address() as AddressInfo;
    const notifications = new Notifications(`postgres://x@127.0.0.1:${String(port)}/x`, createLogger(testConfig(), false));
    const started = performance.now();
    await assert.rejects(notifications.start());
    await until(() => attempts >= 4, 'the fourth attempt');
    assert.ok(attempts <= 1 + (performance.now() - started) / 1_000, `${String(attempts)} attempts`);
    await notifications.stop();
    database.close();
  });
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { TestKernel } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const directory = new URL('../../examples/operations/', import.meta.url);
/** Of Prometheus itself: whether it could read an instance. */
const PROMETHEUS_OWN = ['up'];

/** The names of metrics in an expression: what is neither a function, a label nor a word of the language. */
function metricsIn(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, ' ').replace(/\b(by|without)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([name]) => name).filter((name) => !/^(by|without|and|or|unless|e\d*)$/.test(name));
}

describe('the files for operators', () => {
  let kernel: TestKernel;
  let served: Set<string>;
  before(async () => {
    kernel = await startCopy();
    // As the server does that has the process to itself.
    kernel.kernel.metrics.collectProcess();
    const member = await kernel.signUp();
    await kernel.get('/api/leaderboard', { as: member });
    await kernel.post('/api/workouts', { as: member, key: 'one', body: { exercises: [{ exerciseId: 'bench_press', sets: 1, reps: 5 }] } });
    const text = (await kernel.get('/metrics')).body as string;
    const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    served = new Set(typed.flatMap(([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])));
  });
  after(() => kernel.stop());

  const refuseUnknown = (expressions: readonly string[]): void => {
    const names = expressions.flatMap(metricsIn);
    assert.ok(names.length >= expressions.length, names.join());
    assert.deepEqual(names.filter((name) => !served.has(name) && !PROMETHEUS_OWN.includes(name)), []);
  };

  it('alert on metrics that the server serves', async () => {
    const text = await readFile(new URL('alerts.yml', directory), 'utf8');
    const expressions = [...text.matchAll(/^\s+expr: (.+)$/gm)].map(([, expression = '']) => expression);
    assert.equal(expressions.length, [...text.matchAll(/- alert:/g)].length);
    refuseUnknown(expressions);
  });

  it('draw metrics that the server serves', async () => {
    const { panels } = JSON.parse(await readFile(new URL('dashboard.json', directory), 'utf8')) as { panels: { targets: { expr: string }[] }[] };
    refuseUnknown(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
  });
});

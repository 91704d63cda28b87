import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { texts } from '../../texts.ts';
import { get, send } from '../../ui/api.ts';
import { Sparkline } from '../../ui/charts/sparkline.tsx';
import { SchemaForm } from '../../ui/form/schema-form.tsx';
import type { JsonSchema } from '../../ui/form/schema.ts';
import { formatAgo, formatNumber } from '../../ui/format.ts';
import { Badge, Card, Empty, Figure, Loading } from '../../ui/parts.tsx';
import { Table } from '../../ui/table.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoad } from '../../ui/use-load.ts';
import { TONES, type AdminPlugin } from './plugin.ts';

const EVERY_MS = 5_000;
const SAMPLES = 24;

interface Sample {
  calls: number;
  errors: number;
  p50: number;
}

/** How a plugin's code does, looked at again every few seconds while it is shown. */
export function PluginHealth({ plugin, reload }: { plugin: AdminPlugin; reload: () => Promise<void> }): JSX.Element {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const last = useRef<{ calls: number; errors: number }>(undefined);
  useEffect(() => {
    const timer = setInterval(() => void (document.visibilityState === 'visible' && reload()), EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [reload]);
  const calls = sum(plugin.hooks.map((hook) => hook.calls));
  const errors = sum(plugin.hooks.map((hook) => hook.errors));
  useEffect(() => {
    const before = last.current ?? { calls, errors };
    last.current = { calls, errors };
    const p50 = Math.max(0, ...plugin.hooks.map((hook) => hook.p50 ?? 0));
    setSamples((known) => [...known, { calls: Math.max(0, calls - before.calls), errors: Math.max(0, errors - before.errors), p50 }].slice(-SAMPLES));
  }, [plugin]);
  const course = (name: keyof Sample): number[] => samples.map((sample) => sample[name]);
  return (
    <>
      <Card title={texts.plugins.health}>
        <div class="figures">
          <Figure label={texts.plugins.calls} value={formatNumber(calls)}>
            <Sparkline values={course('calls')} label={texts.plugins.callsCourse} />
          </Figure>
          <Figure label={texts.plugins.errors} value={formatNumber(errors)} tone={errors > 0 ? 'bad' : 'good'}>
            <Sparkline values={course('errors')} label={texts.plugins.errorsCourse} />
          </Figure>
          <Figure label={texts.plugins.median} value={texts.plugins.milliseconds(samples.at(-1)?.p50 ?? 0)}>
            <Sparkline values={course('p50')} label={texts.plugins.medianCourse} />
          </Figure>
        </div>
        <p class="hint">{texts.plugins.sinceStart}</p>
      </Card>
      <Card title={texts.plugins.hook}>
        {plugin.hooks.length === 0 ? <Empty>{texts.plugins.noCalls}</Empty> : <Hooks plugin={plugin} />}
      </Card>
      <Instances plugin={plugin} />
      <Breaker id={plugin.id} />
    </>
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function Hooks({ plugin }: { plugin: AdminPlugin }): JSX.Element {
  const milliseconds = (value: number | null): string => (value === null ? '–' : texts.plugins.milliseconds(value));
  return (
    <Table
      label={texts.plugins.hook}
      rows={plugin.hooks}
      keyOf={({ hook }) => hook}
      columns={[
        { title: texts.plugins.hook, cell: ({ hook }) => <code>{hook}</code>, sortBy: ({ hook }) => hook },
        { title: texts.plugins.calls, cell: ({ calls }) => formatNumber(calls), sortBy: ({ calls }) => calls, isNumber: true },
        { title: texts.plugins.errors, cell: ({ errors }) => formatNumber(errors), sortBy: ({ errors }) => errors, isNumber: true },
        { title: texts.plugins.median, cell: ({ p50 }) => milliseconds(p50), sortBy: ({ p50 }) => p50 ?? 0, isNumber: true },
        { title: texts.plugins.slowest, cell: ({ p99 }) => milliseconds(p99), sortBy: ({ p99 }) => p99 ?? 0, isNumber: true },
      ]}
    />
  );
}

function Instances({ plugin }: { plugin: AdminPlugin }): JSX.Element {
  return (
    <Card title={texts.plugins.instances}>
      <Table
        label={texts.plugins.instances}
        rows={plugin.instances}
        keyOf={({ id }) => id}
        columns={[
          { title: texts.plugins.instance, cell: ({ host, pid }) => `${host} (${String(pid)})` },
          { title: texts.plugins.instanceState, cell: ({ state, reason }) => <><Badge tone={TONES[state]}>{texts.plugins.states[state]}</Badge> {reason}</> },
          { title: texts.plugins.versionLabel, cell: ({ version }) => version ?? '–' },
          { title: texts.plugins.instanceSeen, cell: ({ heartbeatAt, isCurrent }) => <>{formatAgo(heartbeatAt)} <Badge tone={isCurrent ? 'good' : 'warn'}>{isCurrent ? texts.plugins.upToDate : texts.plugins.catchingUp}</Badge></> },
        ]}
      />
    </Card>
  );
}

const BREAKER: JsonSchema = {
  type: 'object',
  required: ['isOn', 'faults', 'windowSeconds', 'share'],
  properties: {
    isOn: { type: 'boolean', title: texts.plugins.breakerOn },
    faults: { type: 'integer', minimum: 1, maximum: 10_000, title: texts.plugins.breakerFaults },
    windowSeconds: { type: 'integer', minimum: 1, maximum: 86_400, title: texts.plugins.breakerWindow },
    share: { type: 'number', minimum: 0, maximum: 1, title: texts.plugins.breakerShare },
  },
};

/** When it is taken out of service by itself. */
function Breaker({ id }: { id: string }): JSX.Element {
  const { data } = useLoad((signal) => get<Record<string, unknown>>(`/admin/plugins/${id}/breaker`, {}, signal), [id]);
  return (
    <Card title={texts.plugins.breaker}>
      {data === undefined ? (
        <Loading />
      ) : (
        <SchemaForm
          schema={BREAKER}
          value={data}
          submit={texts.common.save}
          onSubmit={async (body) => {
            await send('PUT', `/admin/plugins/${id}/breaker`, { body });
            toast(texts.common.saved);
          }}
        />
      )}
    </Card>
  );
}

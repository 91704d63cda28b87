import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { Card, Empty } from '../../ui/parts.tsx';
import { Table } from '../../ui/table.tsx';
import type { AdminPlugin } from './plugin.ts';

/** What the plugin registers, for who looks into it. */
export function Technical({ plugin }: { plugin: AdminPlugin }): JSX.Element {
  const { scopes, events, jobs, pendingMigrations, routes } = plugin;
  const lists: [string, string[]][] = [
    [texts.plugins.scopes, scopes],
    [texts.plugins.kinds.events ?? '', events],
    [texts.plugins.kinds.jobs ?? '', jobs],
    [texts.plugins.pendingMigrations, pendingMigrations],
  ];
  return (
    <>
      <Card title={texts.plugins.routes}>
        {routes.length === 0 ? (
          <Empty>{texts.common.nothing}</Empty>
        ) : (
          <Table
            label={texts.plugins.routes}
            rows={routes}
            keyOf={({ method, path }) => method + path}
            columns={[
              { title: texts.plugins.routes, cell: ({ method, path }) => <code>{`${method} ${path}`}</code> },
              { title: texts.plugins.summary, cell: ({ summary }) => summary },
              { title: texts.plugins.who, cell: ({ auth }) => auth },
            ]}
          />
        )}
      </Card>
      <div class="grid">
        {lists
          .filter(([, lines]) => lines.length > 0)
          .map(([title, lines]) => (
            <Card key={title} title={title}>
              <ul class="plain code-lines">
                {lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </Card>
          ))}
      </div>
    </>
  );
}

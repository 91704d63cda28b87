import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { Badge } from '../../ui/parts.tsx';
import { pluginName } from '../../ui/names.ts';
import type { Plan } from './plugin.ts';

/** A plan in words, the gist first. */
export function PlanText({ plan }: { plan: Plan }): JSX.Element {
  const isEmpty = [...Object.values(plan.added), ...Object.values(plan.removed)].every((lines) => lines.length === 0);
  return (
    <div class="plan">
      <p class="muted">{texts.plugins.planIntro}</p>
      <h3>{texts.plugins.planPlugins}</h3>
      <ul class="plain">
        {plan.plugins.map(({ id, from, to }) => (
          <li key={id}>
            <strong>{pluginName(id)}</strong> <Badge tone={to === null ? 'neutral' : 'good'}>{texts.plugins.planVersion(from, to)}</Badge>
          </li>
        ))}
      </ul>
      {isEmpty && <p>{texts.plugins.planEmpty}</p>}
      <Lines title={texts.plugins.planAdded} effects={plan.added} />
      <Lines title={texts.plugins.planRemoved} effects={plan.removed} />
      {plan.prices.length > 0 && (
        <>
          <h3>{texts.plugins.planPrices}</h3>
          <ul class="plain">
            {plan.prices.map(({ action, name, cost }) => (
              <li key={action}>
                {name}: {texts.plugins.credits(cost)}
              </li>
            ))}
          </ul>
        </>
      )}
      {plan.migrations.length > 0 && (
        <>
          <h3>{texts.plugins.planMigrations}</h3>
          {plan.migrations.map(({ plugin, name, statements }) => (
            <details key={plugin + name}>
              <summary>
                {texts.plugins.planChange(pluginName(plugin), name)} <span class="muted">{texts.plugins.planStatements(statements.length)}</span>
              </summary>
              <pre tabIndex={0}>{statements.join(';\n\n')}</pre>
            </details>
          ))}
        </>
      )}
    </div>
  );
}

function Lines({ title, effects }: { title: string; effects: Record<string, string[]> }): JSX.Element | null {
  const kinds = Object.entries(effects).filter(([, lines]) => lines.length > 0);
  if (kinds.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      {kinds.map(([kind, lines]) => (
        <details key={kind}>
          <summary>
            {texts.plugins.kinds[kind] ?? kind} <span class="count">{lines.length}</span>
          </summary>
          <ul class="plain code-lines">
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      ))}
    </>
  );
}

import type { PluginKernel } from 'musclemap';
import { registerExportRoute } from '../routes/export.ts';
import { registerImportRoutes } from '../routes/imports.ts';
import { personalData } from './personal-data.ts';
import { Imports, type ImportsContext } from './imports.ts';

const LONGEST_RUN_SECONDS = 900;

/** What members bring along and take away: routes and jobs. */
export function registerHistory(kernel: PluginKernel, shared: Omit<ImportsContext, 'kernel'>): void {
  const context: ImportsContext = { kernel, ...shared };
  const imports = new Imports(context);
  kernel.hooks.routes.tap('fitness', (routes) => {
    registerImportRoutes(routes, context, imports);
    registerExportRoute(routes, context);
  });
  kernel.hooks.exporters.tap('fitness', (exporters) => {
    for (const data of personalData(context)) exporters.add(data);
  });
  kernel.hooks.jobs.tap('fitness', (jobs) => {
    const options = { timeLimitSeconds: LONGEST_RUN_SECONDS };
    jobs.add<{ importId: string }>('import', options, ({ importId }) => imports.work(importId));
    jobs.add<{ importId: string; userId: string }>('undo-import', options, ({ importId, userId }) =>
      imports.finishUndo(importId, userId),
    );
    jobs.add('tidy-imports', { cron: '* * * * *' }, () => imports.tidy());
  });
}

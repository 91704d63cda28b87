import { installPluginResolver } from '../../plugins/resolver.ts';
import { inspectPlugin } from './inspect.ts';
import type { Begun, CheckName, CheckOutcome, CheckReport } from './report.ts';

/** What the process is told to look at. */
export interface CheckTask {
  directory: string;
  neighbours: readonly string[];
  adminUrl: string;
}

/** What it tells: the check that begins, and in the end the report. */
export type CheckNews = { begun: CheckName; outcomes: readonly CheckOutcome[] } | { report: CheckReport };

/** The process in which a plugin is looked at: it may end, block or be killed without harm to who asked. */
installPluginResolver();
process.once('message', ({ directory, neighbours, adminUrl }: CheckTask) => {
  const tell = (news: CheckNews): void => void process.send?.(news);
  const server = { adminUrl };
  const begun: Begun = (check, outcomes) => {
    tell({ begun: check, outcomes });
  };
  void inspectPlugin({ directory, neighbours, server, begun }).then((report) => {
    tell({ report });
  });
});

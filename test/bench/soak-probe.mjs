// For node --expose-gc --import: at SIGUSR2 the server tells on stderr what it holds once its garbage is collected, and how late its
// event loop has been since it was last asked.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
process.on('SIGUSR2', () => {
  const lateMs = delay.percentile(99) / 1e6;
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  process.stderr.write(`soak ${JSON.stringify({ rss, heapUsed, external, handles, lateMs })}\n`);
  delay.reset();
});

/**
 * Loaded before the server with --expose-gc: says every half second what is held once garbage is gone, as a line
 * `memory {…}` on stderr. Without a collection the figures say what V8 has not looked at yet.
 */
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('Run node with --expose-gc.');

setInterval(() => {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stderr.write(`memory ${JSON.stringify({ held: heapUsed + external, rss })}\n`);
}, 500).unref();

// For node --import: the machine's clock as this process sees it is as many milliseconds off as the file CLOCK_OFFSET_FILE says, which is
// read again at SIGUSR2. Timers and performance.now() go on, as they do on a machine whose clock is set.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let offset = 0;
const read = () => {
  offset = Number(readFileSync(process.env.CLOCK_OFFSET_FILE, 'utf8'));
  process.stderr.write(`the clock is off by ${offset}\n`);
};
const now = () => RealDate.now() + offset;
read();
process.on('SIGUSR2', read);
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = async (...args: string[]): Promise<void> => {
  await run('ip', args);
};

/** A cable between this machine and the namespace, with an address at each end. */
interface Cable {
  device: string;
  here: string;
  there: string;
}

/** A network of its own for a process, whose cables can be pulled: packets are lost and nobody is told. Root only, on Linux. */
export class Namespace<Name extends string> {
  readonly name: string;
  readonly #cables: Record<Name, Cable>;

  private constructor(name: string, cables: Record<Name, Cable>) {
    this.name = name;
    this.#cables = cables;
  }

  /** Undefined where this process may not. */
  static async create<Name extends string>(names: readonly Name[]): Promise<Namespace<Name> | undefined> {
    const name = `mm${String(process.pid)}`;
    try {
      await ip('netns', 'add', name);
    } catch {
      return undefined;
    }
    const cables = {} as Record<Name, Cable>;
    const space = new Namespace(name, cables);
    try {
      await ip('-n', name, 'link', 'set', 'lo', 'up');
      for (const [index, cable] of names.entries()) cables[cable] = await lay(name, index);
      return space;
    } catch {
      await space.remove();
      return undefined;
    }
  }

  /** What a command line begins with to run in it. */
  get command(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** This machine's address on a cable. */
  here(cable: Name): string {
    return this.#cables[cable].here;
  }

  /** The namespace's address on a cable. */
  there(cable: Name): string {
    return this.#cables[cable].there;
  }

  async pull(cable: Name): Promise<void> {
    await ip('link', 'set', this.#cables[cable].device, 'down');
  }

  async plugIn(cable: Name): Promise<void> {
    await ip('link', 'set', this.#cables[cable].device, 'up');
  }

  async remove(): Promise<void> {
    // The ends on this machine go with those in the namespace.
    await ip('netns', 'del', this.name).catch(() => undefined);
  }
}

async function lay(name: string, index: number): Promise<Cable> {
  const subnet = `10.${String(200 + (process.pid % 50))}.${String(index)}`;
  const [device, inside] = [`mm${String(process.pid)}h${String(index)}`, `mm${String(process.pid)}n${String(index)}`];
  await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
  const cable = { device, here: `${subnet}.1`, there: `${subnet}.2` };
  await ip('addr', 'add', `${cable.here}/30`, 'dev', device);
  await ip('-n', name, 'addr', 'add', `${cable.there}/30`, 'dev', inside);
  await ip('link', 'set', device, 'up');
  await ip('-n', name, 'link', 'set', inside, 'up');
  return cable;
}

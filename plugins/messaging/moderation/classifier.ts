import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** How likely a picture is each of these; together they are 1. */
export type Scores = Record<'drawing' | 'hentai' | 'neutral' | 'porn' | 'sexy', number>;

/** The width and the height that the model wants. */
export const SIDE = 224;

/** The model holds 200 MB; they are given back when nobody has needed it for a while. */
const IDLE_MS = 30_000;
const ANSWER_LIMIT_MS = 60_000;

interface Waiting {
  resolve: (scores: Scores) => void;
  reject: (error: Error) => void;
}

type Answer = { isReady: true } | { id: number; scores: Scores } | { id: number; error: string };

/** The optional model in a thread of its own, which is there while there are pictures to look at. */
export class Classifier {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** Whether the model's packages are installed. */
  static get isInstalled(): boolean {
    return findModel() !== undefined;
  }

  /** @param pixels Of a picture of SIDE × SIDE, three bytes each. @throws Error when the model fails, or is not installed. */
  async classify(pixels: Buffer): Promise<Scores> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    this.#last += 1;
    const id = this.#last;
    const limit = setTimeout(() => {
      this.#fail(new Error(`The model did not answer within ${String(ANSWER_LIMIT_MS)} ms.`));
    }, ANSWER_LIMIT_MS);
    try {
      return await new Promise<Scores>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        worker.postMessage({ id, pixels, side: SIDE });
      });
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.stop(), IDLE_MS).unref();
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const model = findModel();
    if (model === undefined) throw new Error('The packages of the model are not installed.');
    const worker = new Worker(new URL('classifier-worker.mjs', import.meta.url), { workerData: model, execArgv: [], stdout: true, stderr: true });
    worker.unref();
    worker.on('message', (answer: Answer) => {
      if ('isReady' in answer) return;
      const waiting = this.#waiting.get(answer.id);
      if ('scores' in answer) waiting?.resolve(answer.scores);
      else waiting?.reject(new Error(answer.error));
    });
    worker.once('error', (error: Error) => {
      this.#fail(error);
    });
    worker.once('exit', () => {
      if (this.#worker === worker) this.#fail(new Error("The model's thread has ended."));
    });
    return worker;
  }

  /** The next picture gets a new thread. */
  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    void this.stop();
  }
}

/** Where the optional packages are, for a thread that cannot look for itself; undefined when one of them is missing. */
function findModel(): Record<string, string> | undefined {
  const require = createRequire(import.meta.url);
  const address = (name: string): string => pathToFileURL(require.resolve(name)).href;
  try {
    const wasmFolder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/');
    return {
      ...{ tensorflow: address('@tensorflow/tfjs'), wasm: address('@tensorflow/tfjs-backend-wasm'), wasmFolder },
      ...{ core: address('nsfwjs/core'), model: address('nsfwjs/models/mobilenet_v2') },
    };
  } catch {
    return undefined;
  }
}

import { WorkoutFileError } from './errors.ts';
import type { TextStream } from './text-stream.ts';

const LONGEST_VALUE = 4 * 1024 * 1024;
const SPACE = /[ \t\n]/;

/** Walks through a JSON text that is too large to be parsed at once, value by value. */
export class JsonStream {
  readonly #stream: TextStream;
  #position = 0;
  #line = 1;

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  /** The line in which the next character stands. */
  get line(): number {
    return this.#line;
  }

  /** The next character that is not space, without taking it; empty at the end. */
  async peek(): Promise<string> {
    for (;;) {
      const character = this.#stream.text.charAt(this.#position);
      if (character === '' && !(await this.#more())) return '';
      if (character === '') continue;
      if (!SPACE.test(character)) return character;
      this.#advance(1);
    }
  }

  /** Takes the next character when it is this one. */
  async takes(character: string): Promise<boolean> {
    if ((await this.peek()) !== character) return false;
    this.#advance(1);
    return true;
  }

  async expect(character: string): Promise<void> {
    if (!(await this.takes(character))) throw this.fault(`"${character}" is missing`);
  }

  /** Takes and parses one value. */
  async value(): Promise<unknown> {
    await this.peek();
    const length = await this.#valueLength();
    const text = this.#stream.text.slice(this.#position, this.#position + length);
    try {
      const value: unknown = JSON.parse(text);
      this.#advance(length);
      return value;
    } catch (error) {
      throw this.fault('a value is broken', error);
    }
  }

  fault(what: string, cause?: unknown): WorkoutFileError {
    const message = `The JSON cannot be read at line ${String(this.#line)}: ${what}.`;
    return new WorkoutFileError('json', message, cause === undefined ? undefined : { cause });
  }

  /** How long the value is that begins here: up to its closing bracket or quote, or to what ends a number or word. */
  async #valueLength(): Promise<number> {
    const extent = new ValueExtent();
    for (let length = 0; length < LONGEST_VALUE; length += 1) {
      while (this.#position + length >= this.#stream.text.length) {
        if (!(await this.#more())) return length;
      }
      const character = this.#stream.text.charAt(this.#position + length);
      if (extent.endsBefore(character)) return length;
      if (extent.endsWith(character)) return length + 1;
    }
    throw this.fault('a value is too long');
  }

  #advance(length: number): void {
    const taken = this.#stream.text.slice(this.#position, this.#position + length);
    this.#line += taken.split('\n').length - 1;
    this.#position += length;
  }

  /** Forgets what was taken, and waits for more. */
  async #more(): Promise<boolean> {
    this.#stream.text = this.#stream.text.slice(this.#position);
    this.#position = 0;
    return this.#stream.more();
  }
}

/** Follows the brackets and quotes of one value. */
class ValueExtent {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** A number or word ends where something else begins. */
  endsBefore(character: string): boolean {
    return this.#depth === 0 && !this.#isInString && /[\s,:\]}]/.test(character);
  }

  endsWith(character: string): boolean {
    if (this.#isInString) return this.#endsString(character);
    if (character === '"') this.#isInString = true;
    else if (character === '{' || character === '[') this.#depth += 1;
    else if (character === '}' || character === ']') this.#depth -= 1;
    return this.#depth === 0 && (character === '}' || character === ']');
  }

  #endsString(character: string): boolean {
    const isClosing = character === '"' && !this.#isEscaped;
    this.#isEscaped = character === '\\' && !this.#isEscaped;
    this.#isInString = !isClosing;
    return isClosing && this.#depth === 0;
  }
}

import { clearLine, cursorTo } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type styleText as StyleText, stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof StyleText>[0];
type Environment = Readonly<Record<string, string | undefined>>;

/** What a stream can show. */
export interface Surface {
  /** Lines can be redrawn. */
  readonly redraw: boolean;
  readonly colour: boolean;
  readonly unicode: boolean;
  /** Characters a line holds, never below 20. */
  readonly columns: number;
}

export interface Manners {
  /** No redraw, no boxes, percent in words. */
  readonly plain: boolean;
  readonly colour: boolean;
  readonly json: boolean;
}

export const UNSET_COLUMNS = 80;
/** Below this, tables become `key: value`. */
export const NARROW_COLUMNS = 60;

/** @param columns as the stream says it; unset or under 20 counts as 80. */
export const surfaceOf = (
  stream: { isTTY?: boolean | undefined; columns?: number | undefined },
  env: Environment,
  manners: Manners,
): Surface => {
  const tty = stream.isTTY === true;
  const dumb = env['TERM'] === 'dumb';
  const columns = stream.columns ?? Number(env['COLUMNS']);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    redraw: tty && !dumb && !manners.plain,
    // https://no-color.org: any value that is not empty
    colour: tty && !dumb && manners.colour && !env['NO_COLOR'],
    unicode:
      tty &&
      !dumb &&
      !manners.plain &&
      (process.platform === 'win32' ? 'WT_SESSION' in env : /utf-?8/i.test(locale)),
    columns: Number.isInteger(columns) && columns >= 20 ? columns : UNSET_COLUMNS,
  };
};

/**
 * The only module that writes to stdout and stderr. stdout carries what was asked for, and nothing else;
 * everything that tells a person how it goes is on stderr.
 */
export class Terminal {
  readonly manners: Manners;
  readonly people: Surface;
  readonly output: Surface;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  #standing = '';
  #lost: Error | undefined;

  /** @param onGone called once when a reader of stdout has gone away (`| head`). */
  constructor(
    streams: { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream },
    env: Environment,
    manners: Manners,
    onGone: () => void = () => {},
  ) {
    this.manners = manners;
    this.#stdout = streams.stdout;
    this.#stderr = streams.stderr;
    this.people = surfaceOf(streams.stderr, env, manners);
    this.output = surfaceOf(streams.stdout, env, manners);
    streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#lost ??= error;
      onGone();
    });
    // A terminal that was closed must not end a run that can still finish its work.
    streams.stderr.on('error', () => {});
  }

  /** Why stdout did not take what was asked for (a full disk). A reader that has gone wanted no more of it. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  /** Text that was asked for. */
  print(text: string): void {
    this.#stdout.write(`${text}\n`);
  }

  /** The one document of a command under `--json`. */
  document(schema: string, content: object): void {
    this.#stdout.write(
      `${JSON.stringify({ schema, ...content }, undefined, this.output.redraw ? 2 : undefined)}\n`,
    );
  }

  /** One line of a stream under `--json`. */
  line(schema: string, content: object): void {
    this.#stdout.write(`${JSON.stringify({ schema, ...content })}\n`);
  }

  /** Text that was asked for, as it streams in. Ends early where its reader has gone. */
  async pipe(text: Readable): Promise<void> {
    try {
      await pipeline(text, this.#stdout, { end: false });
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE')) throw thrown;
    }
  }

  /** A line for people. A standing line moves down below it. */
  say(text = ''): void {
    const standing = this.#standing;
    this.stand('');
    this.#stderr.write(`${text}\n`);
    if (standing) this.stand(standing);
  }

  /**
   * The one line that is drawn again and again. Where the surface can't redraw, nothing is written: whoever
   * calls has its own way of saying the same in plain lines.
   */
  stand(text: string): void {
    if (!this.people.redraw) return;
    if (this.#standing) {
      cursorTo(this.#stderr, 0);
      clearLine(this.#stderr, 0);
    }
    this.#standing = text;
    // A line that wraps could not be cleared again. It holds figures only, no id, path or command.
    if (text) this.#stderr.write(text.slice(0, this.people.columns - 1));
  }

  /** Colours a word on stderr; the word alone must say it all. */
  paint(style: Style, text: string): string {
    return this.people.colour ? styleText(style, text, { validateStream: false }) : text;
  }

  get stderr(): NodeJS.WriteStream {
    return this.#stderr;
  }
}

/** Columns that a text of ours takes on the line, without its colours: it has no wide signs. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

import { clockSpan, counted, istClock } from './figures.ts';
import { NARROW_COLUMNS } from './terminal.ts';

/** What one line of the live view says of a call. It has no names; numbers are masked. */
export interface CallNews {
  /** Call start, UTC epoch ms. */
  readonly startAt: number | undefined;
  readonly direction: string | undefined;
  readonly status: string | undefined;
  readonly durationSeconds: number | undefined;
  readonly number: string | undefined;
  /** The last agent who answered, by id. */
  readonly agent: string | undefined;
  readonly news: 'new' | 'changed' | 'late';
}

/** A full number keeps its first digits and the last four; one that is masked already stays. */
export const maskNumber = (number: string): string =>
  /^\+?\d{8,}$/.test(number) ? `${number.slice(0, number.length - 9)}*****${number.slice(-4)}` : number;

/** One call on one line: India time, direction, status, duration, number, agent, what is new about it. */
export const callLine = (call: CallNews, columns: number): string => {
  const at = call.startAt === undefined ? '--:--:--' : istClock(call.startAt);
  const length = call.durationSeconds === undefined ? '-' : clockSpan(call.durationSeconds);
  const direction = call.direction ?? '-';
  const status = call.status ?? '-';
  const number = call.number === undefined ? '-' : maskNumber(call.number);
  if (columns < NARROW_COLUMNS) {
    const short = direction === 'inbound' ? 'in' : direction === 'outbound' ? 'out' : direction;
    return [at, short.padEnd(3), status.padEnd(8), length.padStart(5), number.slice(-4), call.news].join(' ');
  }
  return [
    at,
    direction.padEnd(8),
    status.padEnd(8),
    length.padStart(6),
    number.padStart(15),
    call.news.padEnd(7),
    call.agent ?? '',
  ]
    .join('  ')
    .trimEnd();
};

/** Above this, the calls of a second become one line. */
export const CALLS_A_SECOND = 10;

/**
 * Lets ten calls a second through and gathers the rest into one line at the second's end.
 * The owner calls `close` once a second.
 */
export class CallFeed {
  readonly #say: (line: string) => void;
  readonly #columns: number;
  #shown = 0;
  #held = { new: 0, changed: 0, late: 0 };

  constructor(say: (line: string) => void, columns: number) {
    this.#say = say;
    this.#columns = columns;
  }

  take(call: CallNews): void {
    if (this.#shown < CALLS_A_SECOND) {
      this.#shown += 1;
      this.#say(callLine(call, this.#columns));
    } else {
      this.#held[call.news] += 1;
    }
  }

  close(): void {
    const held = this.#held;
    const total = held.new + held.changed + held.late;
    if (total > 0) {
      const parts = (['new', 'changed', 'late'] as const)
        .filter((news) => held[news] > 0)
        .map((news) => `${held[news]} ${news}`);
      this.#say(`          and ${counted(total, 'more call')} in this second: ${parts.join(', ')}`);
    }
    this.#shown = 0;
    this.#held = { new: 0, changed: 0, late: 0 };
  }
}

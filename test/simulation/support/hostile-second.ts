import type { AccountInput } from '../../../shared/contract/account.ts';
import { istStamp, MINUTE, parseIstStamp, SECOND } from '../../../shared/core/time.ts';
import type { HostileBody } from '../../support/hostile-body.ts';
import { reply, type SourceServer, startSourceServer } from '../../support/source-server.ts';
import { HostileAccount, type HostileSettings } from './hostile-account.ts';
import { type AskedPage, covers, type SmallCall, smallCall, smallSource } from './small-source.ts';

/** The second whose answer is hostile. */
export const AT = parseIstStamp('2026-03-10 11:00:00') ?? 0;
/** The first tick backfills the four seconds around, whose windows are closed. */
export const FIRST_TICK = AT + 5 * MINUTE;
/** Ticks, one a minute, after which a second that stays hostile is given up: it is found, and then tried for 30 min. */
export const MOST_TICKS = 45;
/** One call in each of the four seconds, and one in the first live window. */
export const CALLS: readonly SmallCall[] = [-2, -1, 0, 1, 270].map((second) =>
  smallCall(AT + second * SECOND),
);
const KEYS = CALLS.map(({ raw }) => String(JSON.parse(raw).id));

/** An account with those calls. An hour after them their quarter of an hour is read again. */
export const startAccount = (
  settings: Omit<HostileSettings, 'startedAt'>,
  account: Partial<AccountInput> = {},
): HostileAccount =>
  new HostileAccount(
    { ...settings, startedAt: FIRST_TICK },
    {
      fetchFrom: '2026-03-10 10:59:58',
      fetchTo: '2026-03-10 11:00:02',
      eventsFrom: '1970-01-01',
      longestCallMinutes: 1,
      probes: [],
      edits: [{ ageMinutes: 60, blockMinutes: 15 }],
      ...account,
    },
  );

/** A source with those calls, that gives another answer where calls of the second are asked for. */
export class HostileSecond implements AsyncDisposable {
  readonly server: SourceServer;
  /** Hostile answers so far. */
  hits = 0;

  private constructor(server: SourceServer) {
    this.server = server;
  }

  static async start(): Promise<HostileSecond> {
    return new HostileSecond(await startSourceServer(smallSource(CALLS)));
  }

  account(): HostileAccount {
    return startAccount({ baseUrl: this.server.baseUrl });
  }

  /** Answers so from now on. */
  turnHostile(body: HostileBody): void {
    this.#answer(body, (asked) => covers(asked, AT));
  }

  /** Answers so once where calls of the second are asked for, and once elsewhere: in the first live window. */
  turnHostileOnce(body: HostileBody): void {
    const hit = new Set<boolean>();
    this.#answer(body, (asked) => {
      const isSecond = covers(asked, AT);
      return hit.size < hit.add(isSecond).size;
    });
  }

  #answer({ body, status = 200, headers = {} }: HostileBody, isHostile: (asked: AskedPage) => boolean): void {
    this.hits = 0;
    this.server.answer = smallSource(CALLS, (asked, response) => {
      if (!isHostile(asked)) return false;
      this.hits += 1;
      reply(response, status, body, headers);
      return true;
    });
  }

  heal(): void {
    this.server.answer = smallSource(CALLS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** What is not as it should be when everything came through, once, in all three places: empty. */
export const problemsOf = (account: HostileAccount): string[] => {
  const archived = account.archived().map(({ raw }) => raw);
  const count = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length;
  return [
    ...account.failures.map((failure) => `a tick failed: ${JSON.stringify(failure)}`),
    ...(account.reports.at(-1)?.outcome === 'done' ? [] : ['the last tick did not end well']),
    ...CALLS.flatMap(({ raw }, place) => {
      const key = KEYS[place];
      const found = {
        'lines in the archive': count(archived, (line) => line === raw),
        'calls in the index': account.index.calls.has(`main#${key}`) ? 1 : 0,
        events: count(account.bus.events, ({ detail }) => detail.id === key),
      };
      return Object.entries(found)
        .filter(([, times]) => times !== 1)
        .map(([name, times]) => `call ${place}: ${times} ${name}`);
    }),
  ];
};

/** Polls on until every second was read again; then nothing is held against a second either. */
export const problemsAtLast = async (account: HostileAccount): Promise<string[]> => {
  // The source's longest wait is believed for an hour, and may be asked for twice.
  for (const minute of [76, 77, 140, 141]) await account.tick(FIRST_TICK + minute * MINUTE);
  const { exceptions } = await account.state();
  return [...problemsOf(account), ...exceptions.map(({ at }) => `still an exception at ${istStamp(at)}`)];
};

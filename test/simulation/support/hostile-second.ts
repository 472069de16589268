import { expect } from 'vitest';
import { MINUTE, parseIstStamp, SECOND } from '../../../shared/core/time.ts';
import type { HostileBody } from '../../support/hostile-body.ts';
import { reply, type SourceServer, startSourceServer } from '../../support/source-server.ts';
import { HostileAccount, type HostileSettings } from './hostile-account.ts';
import { covers, type SmallCall, smallCall, smallSource } from './small-source.ts';

/** The second whose answer is hostile. */
export const AT = parseIstStamp('2026-03-10 11:00:00') ?? 0;
/** The first tick backfills the four seconds around, whose windows are closed. */
export const FIRST_TICK = AT + 5 * MINUTE;
/** One call in each of the four seconds, and one in the first live window. */
export const CALLS: readonly SmallCall[] = [-2, -1, 0, 1, 270].map((second) =>
  smallCall(AT + second * SECOND),
);
const KEYS = CALLS.map(({ raw }) => String(JSON.parse(raw).id));

/** An account with those calls. Half an hour after them their quarter of an hour is read again. */
export const startAccount = (settings: Omit<HostileSettings, 'startedAt'>, pageLimit = 100): HostileAccount =>
  new HostileAccount(
    { ...settings, startedAt: FIRST_TICK },
    {
      fetchFrom: '2026-03-10 10:59:58',
      fetchTo: '2026-03-10 11:00:02',
      eventsFrom: '1970-01-01',
      longestCallMinutes: 1,
      pageLimit,
      probes: [],
      edits: [{ ageMinutes: 30, blockMinutes: 15 }],
    },
  );

/** A source with those calls, that gives another answer where calls of the second are asked for. */
export class HostileSecond implements AsyncDisposable {
  readonly server: SourceServer;

  private constructor(server: SourceServer) {
    this.server = server;
  }

  static async start(): Promise<HostileSecond> {
    return new HostileSecond(await startSourceServer(smallSource(CALLS)));
  }

  account(): HostileAccount {
    return startAccount({ baseUrl: this.server.baseUrl });
  }

  /** Answers so as long as `isOn` says; it is asked at every such request. */
  turnHostile({ body, status = 200, headers = {} }: HostileBody, isOn: () => boolean = () => true): void {
    this.server.answer = smallSource(CALLS, (asked, response) => {
      if (!covers(asked, AT) || !isOn()) return false;
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

/** Everything is there, once, in all three places. */
export const expectWhole = (account: HostileAccount): void => {
  expect(account.failures).toEqual([]);
  expect(account.reports.at(-1)?.outcome).toBe('done');
  expect(KEYS.filter((key) => !account.index.calls.has(`main#${key}`))).toEqual([]);
  const archived = account.archived().map(({ raw }) => raw);
  expect(CALLS.filter(({ raw }) => archived.filter((line) => line === raw).length !== 1)).toEqual([]);
  const events = account.bus.events.filter(({ detail }) => KEYS.includes(detail.id));
  expect(events).toHaveLength(KEYS.length);
};

/** Polls on until every second was read again: everything is there, and nothing is held against a second. */
export const expectHealed = async (account: HostileAccount): Promise<void> => {
  for (let tick = 1; tick <= 3; tick++) await account.tick(FIRST_TICK + (75 + tick) * MINUTE);
  expectWhole(account);
  expect((await account.state()).exceptions).toEqual([]);
};

import { expect, test } from 'vitest';
import { type PollPorts, pollAccount } from '../../functions/poller/poll.ts';
import { createMemoryLedger, createMemoryOrders } from '../../shared/adapters/memory/ledger.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { Account } from '../../shared/contract/account.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import { istStamp, MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { answerTiny, type TinyWorld } from './support/tiny-source.ts';

const BEGIN = parseIstStamp('2026-03-10 09:30:00') ?? 0;
const TEN = Array.from({ length: 10 }, (_, place) => place);
const SUBSETS = Array.from({ length: 2 ** TEN.length }, (_, bits) =>
  TEN.filter((place) => (bits & (1 << place)) !== 0),
);

/**
 * Calls of five minutes ago, a page each, so that each is a message of its own. The first page shows how many there
 * are and is sent alone; the other ten come in one batch.
 */
const WORLD: TinyWorld = {
  records: [...TEN, TEN.length].map((place) => {
    const startAt = BEGIN - 320 * SECOND - place * SECOND;
    const id = `${Math.floor(startAt / SECOND).toString(16)}${place.toString(16).padStart(16, '0')}`;
    const [date, time] = istStamp(startAt).split(' ');
    const raw = JSON.stringify({ id, date, time, end_stamp: istStamp(startAt + SECOND), call_duration: 1 });
    return { id, startAt, durationSeconds: 1, contents: [{ at: startAt + SECOND, raw }] };
  }),
  cap: 1,
  tellsCap: true,
};
const STARTS = WORLD.records.map(({ startAt }) => startAt);

const ACCOUNT = Account.parse({
  name: 'main',
  secretId: 'secret',
  cps: 3,
  share: 1,
  pageLimit: 1,
  longestCallMinutes: 1,
  liveMinutes: 10,
  fetchFrom: istStamp(BEGIN - 8 * MINUTE),
});

const rowsOf = (body: string): string[] => {
  const pack = PackMessage.parse(JSON.parse(body));
  return pack.body === 'inline' ? unzipLines(Buffer.from(pack.ndjson, 'base64')) : [];
};

/** Two ticks: in the first the queue refuses a subset of the ten messages. */
const pollTwice = async (refused: readonly number[]) => {
  const clock = new VirtualClock(BEGIN);
  const ledger = createMemoryLedger(parseAccountState);
  const batches: number[] = [];
  const taken: string[][] = [];
  let isRefusing = true;
  const ports: PollPorts = {
    ledger,
    orders: createMemoryOrders(),
    objects: createMemoryObjectStore(),
    queue: {
      async send(bodies) {
        batches.push(bodies.length);
        return bodies.map((body, place) => {
          if (isRefusing && bodies.length === TEN.length && refused.includes(place))
            return { sent: false, code: 'InternalError' };
          taken.push(rowsOf(body));
          return { sent: true };
        });
      },
    },
    clock,
    telemetry: createMemoryTelemetry(),
    openSource: (_account, pacer) => ({
      health: () => ({ tokenExpiresAt: undefined, passwordDaysLeft: undefined, breaker: undefined }),
      async page(query) {
        await pacer.turn();
        return { ...answerTiny(WORLD, query, clock.at), latency: 0 };
      },
    }),
  };
  const tick = (at: number) => {
    clock.at = at;
    const time = { start: 50 * SECOND, end: MINUTE };
    return pollAccount(ACCOUNT, { at, only: undefined, takeOver: false, time, began: at }, ports);
  };
  const first = await tick(BEGIN);
  const { coverage = [] } = (await ledger.load('main'))?.value ?? {};
  const covered = STARTS.filter((at) => coverage.some(({ from, to }) => from <= at && at < to)).length;
  isRefusing = false;
  const firstBatches = batches.splice(0);
  const second = await tick(BEGIN + MINUTE);
  return { first, covered, firstBatches, second, taken: taken.flat().sort() };
};

const ALL = WORLD.records.map(({ contents }) => contents[0]?.raw ?? '').sort();

test('the queue refuses some of ten messages, in every way: nothing counts as covered, and the next tick sends those alone', async () => {
  for (const refused of SUBSETS) {
    const { first, covered, firstBatches, second, taken } = await pollTwice(refused);
    expect(firstBatches).toEqual([1, 10]);
    expect({ outcome: first.outcome, sent: first.sent, covered }).toEqual({
      outcome: refused.length === 0 ? 'done' : 'failed',
      sent: 11 - refused.length,
      covered: refused.length === 0 ? 11 : 0,
    });
    expect({ outcome: second.outcome, sent: second.sent }).toEqual({ outcome: 'done', sent: refused.length });
    expect(taken).toEqual(ALL);
  }
});

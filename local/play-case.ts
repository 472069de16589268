import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolder } from '../cli/place/folder.ts';
import type { CallEvent } from '../shared/contract/call-event.ts';
import type { TickInput } from '../shared/contract/tick.ts';
import { type EpochMs, HOUR, MINUTE, type Ms, SECOND } from '../shared/core/time.ts';
import { placeOrders } from '../shared/steps/place-order.ts';
import type { KnobChanges, PlantedCall } from './fake-smartflo/knobs.ts';
import { type FakeSmartfloServer, startFakeSmartflo } from './fake-smartflo/server.ts';
import { startSystem } from './system.ts';

/** Something that happens to one call, or to the source on its way. */
export interface Case {
  readonly name: string;
  readonly meaning: string;
  /** What a consumer gets, in order. */
  readonly events: readonly CallEvent['detail-type'][];
  /** How the call is; it starts ten minutes ago and lasts 20 s. */
  readonly call: Omit<PlantedCall, 'startAt' | 'life'>;
  readonly knobs?: KnobChanges;
  readonly token?: string;
  /** The source is read once more after this went by at the source. */
  readonly again?: Ms;
}

/** How a case went. */
export interface Played {
  readonly events: readonly CallEvent[];
  /** To the source, logins too, and those of them that were told to slow down. */
  readonly requests: number;
  readonly rateLimited: number;
  /** Why polling ended early. */
  readonly refused?: string;
}

/** Between the two readings of a case that has two. */
const MEANWHILE: Ms = 5 * MINUTE;
/** From insert; falls between the readings. */
const LATER: Ms = 7 * MINUTE;

export const CASES: readonly Case[] = [
  {
    name: 'missed',
    meaning: 'nobody answers a call',
    events: ['CallCreated'],
    call: { answered: false },
  },
  {
    name: 'late',
    meaning: 'a record appears after its time was read',
    events: ['CallCreated'],
    call: { insertDelay: LATER },
    again: MEANWHILE,
  },
  {
    name: 'changed',
    meaning: 'a record that is known is edited',
    events: ['CallCreated', 'CallChanged'],
    call: { editsAfter: [LATER] },
    again: MEANWHILE,
  },
  {
    name: 'rate-limit',
    meaning: 'the source says "slow down" at first',
    events: ['CallCreated'],
    call: {},
    knobs: { faults: { plan: [{ kind: 'rate-limited', requests: [1, 1] }] }, rate: { retryAfter: 1 } },
  },
  {
    name: 'dead-token',
    meaning: 'the source refuses the token',
    events: [],
    call: {},
    token: 'a-token-that-has-died',
  },
];

/**
 * Plays a case through the whole system: the simulated source over HTTP, the bundled functions, the embedded AWS. What
 * lies between two readings passes at the source only, so nobody waits for it. The second reading is ordered, as a
 * backfill is: in live operation a look orders it, and a late record's `origin` is then `late`.
 */
export const playCase = async (played: Case): Promise<Played> => {
  const data = await mkdtemp(join(tmpdir(), 'smartflo-cdr-trigger-'));
  const startAt = Math.floor((Date.now() - 10 * MINUTE) / SECOND) * SECOND;
  let behind = played.again ?? 0;
  const clock = { real: () => Date.now() - behind };
  const fake = await startFakeSmartflo({
    seed: 1,
    clock,
    historyFrom: startAt - HOUR,
    knobs: {
      ...played.knobs,
      calls: { callsPerMinute: 0, planted: [{ startAt, life: 20 * SECOND, ...played.call }] },
    },
  });
  const events: CallEvent[] = [];
  try {
    const from = startAt - MINUTE;
    const to = startAt + 2 * MINUTE;
    const read = (only?: TickInput['only']) => readOnce({ data, from, to, only, fake, played, events });
    let refused = await read();
    if (played.again !== undefined && refused === undefined) {
      behind = 0;
      await orderAgain(data, from, to);
      refused = await read(['backfill']);
    }
    return {
      events,
      requests: fake.requests.length,
      rateLimited: fake.requests.filter(({ status }) => status === 429).length,
      ...(refused !== undefined && { refused }),
    };
  } finally {
    await fake.close();
    await rm(data, { recursive: true, force: true });
  }
};

/** @returns why the source was not read, if it was not. */
const readOnce = async ({
  data,
  from,
  to,
  only,
  fake,
  played,
  events,
}: {
  data: string;
  from: EpochMs;
  to: EpochMs;
  only: TickInput['only'];
  fake: FakeSmartfloServer;
  played: Case;
  events: CallEvent[];
}): Promise<string | undefined> => {
  const system = await startSystem({
    data,
    fresh: false,
    from,
    to,
    once: true,
    only,
    env: {
      SMARTFLO_TOKEN: played.token ?? fake.knobs.auth.tokens[0],
      SMARTFLO_BASE_URL: fake.url,
      SMARTFLO_RPS: '10',
    },
    stop: new AbortController().signal,
    hear: (news) => {
      if (news.kind === 'call') events.push(news.event);
    },
    opened: () => {},
  });
  try {
    const ending = await system.catchUp();
    if (ending.kind === 'refused') return ending.report.reason ?? ending.report.outcome;
    await system.drain();
    return undefined;
  } finally {
    await system.close();
  }
};

const orderAgain = async (data: string, from: EpochMs, to: EpochMs): Promise<void> => {
  const place = await openFolder(data);
  try {
    for (const { name } of place.accounts)
      await placeOrders(name, [{ kind: 'backfill', from, to, publish: true, orderedAt: Date.now() }], place);
  } finally {
    await place.close();
  }
};

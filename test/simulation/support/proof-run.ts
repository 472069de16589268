import { RAW } from '../../../shared/contract/bucket-layout.ts';
import { type DayEvent, type DayManifest, manifestKey } from '../../../shared/contract/day-proof.ts';
import type { IndexedCall } from '../../../shared/contract/indexed-call.ts';
import type { AccountInput } from '../../../shared/contract/account.ts';
import { compileVolatilePaths, readContent } from '../../../shared/core/content-hash.ts';
import { isDone } from '../../../shared/core/orders.ts';
import { dayWindow } from '../../../shared/core/proof-rounds.ts';
import { type EpochMs, HOUR, istStamp, MINUTE, SECOND } from '../../../shared/core/time.ts';
import { readOrders } from '../../../shared/steps/place-order.ts';
import { archivedContents, type Contents, indexedContents, unpublished } from '../../support/contents.ts';
import { type Effect, type FaultPoint, faultsAt } from './chaos.ts';
import { Draws } from './draws.ts';
import { type Proof, SimulatedSystem } from './simulated-system.ts';
import { answerTiny, type TinyRecord, type TinyWorld, tinyRecordOf } from './tiny-source.ts';

export interface ProofRunOrder {
  readonly seed: number;
  readonly faults: readonly FaultPoint[];
  /** Told of every effect, as it comes. */
  readonly trace?: (line: string) => void;
}

export interface ProofOutcome {
  readonly violations: readonly { readonly check: string; readonly detail: string }[];
  /** The effects in which a fault may be put: those of proofs and of what they order. */
  readonly effects: readonly Effect[];
  readonly records: number;
  /** What was taken away, by kind. */
  readonly damage: Readonly<Record<string, number>>;
}

const DT = '2026-03-10';
const DAY_OF_CALLS = dayWindow(DT);
/** Two full reads that are old enough to prove by; what changes between them is an edit. */
const READS: readonly EpochMs[] = [26.5, 27.5].map((hours) => DAY_OF_CALLS.to + hours * HOUR);
/** From here on faults come. */
const BEGIN: EpochMs = DAY_OF_CALLS.to + 29 * HOUR;
const ROUNDS = 3;
/** A day that differs again and again is proven after an hour, two, four. */
const HEALING_HOURS = 16;

const ACCOUNTS: readonly AccountInput[] = ['alpha', 'beta'].map((name) => ({
  name,
  secretId: name,
  cps: 3,
  share: 1,
  pageLimit: 10,
  fetchFrom: `${DT} 00:00:00`,
  fetchTo: istStamp(DAY_OF_CALLS.to),
  probes: [],
  edits: [1560, 1620].map((ageMinutes) => ({ ageMinutes, blockMinutes: 1440 })),
}));

const VOLATILE = compileVolatilePaths(['recording_url?token']);

/** Six to eight calls of one day, at its edges too; the first two change between the reads. */
const drawDay = (account: string, draws: Draws): TinyWorld => {
  const records = Array.from({ length: draws.between(6, 8) }, (_, number): TinyRecord => {
    const startAt = draws.of([
      DAY_OF_CALLS.from,
      DAY_OF_CALLS.to - SECOND,
      DAY_OF_CALLS.from + draws.below(86_400) * SECOND,
      DAY_OF_CALLS.from + draws.below(86_400) * SECOND,
    ]);
    return tinyRecordOf(account, number, {
      startAt,
      durationSeconds: draws.between(3, 100),
      changesAt: number < 2 ? [(READS[0] ?? 0) + 30 * MINUTE] : [],
    });
  });
  return { records, cap: draws.of([undefined, 3]), tellsCap: draws.chance(0.5) };
};

/** How the stores are damaged, each kind as often as drawn. */
export const DAMAGES = ['unarchived', 'never-arrived', 'unindexed', 'misindexed', 'stuck', 'stale'] as const;

/**
 * One run: a day is read and delivered, some of it is taken away from archive and index, and then prover, poller and
 * two consumers put it right, under faults, and after them without. Seed and faults decide everything.
 */
export const runProof = async ({ seed, faults, trace }: ProofRunOrder): Promise<ProofOutcome> => {
  const draws = new Draws(seed, 31);
  const worlds = new Map(ACCOUNTS.map(({ name }) => [name, drawDay(name, draws)]));
  const violations: { check: string; detail: string }[] = [];
  const blame = (check: string, detail: string) => violations.push({ check, detail });
  const effects: Effect[] = [];
  let isStorm = false;
  let before = 0;
  const planned = faultsAt(faults);
  const system = new SimulatedSystem({
    seed,
    startedAt: READS[0] ?? 0,
    accounts: ACCOUNTS,
    secrets: { alpha: '{"email":"poller","password":"made up"}', beta: '{"token":"made.up"}' },
    answer: (account, query, at) => {
      const world = worlds.get(account);
      return world ? answerTiny(world, query, at) : { count: 0, limit: undefined, records: [] };
    },
    queue: { visibility: 40 * SECOND, delay: draws.of([0, 5, 100]) * SECOND, doubled: draws.of([0, 0.1]) },
    chaos: {
      plan: (effect) => (isStorm ? planned({ ...effect, ordinal: effect.ordinal - before }) : undefined),
      stall: 16 * MINUTE,
      onEffect: (effect, fault, what) => {
        const ordinal = effect.ordinal - before;
        if (isStorm) effects.push({ ...effect, ordinal });
        trace?.(
          `${String(ordinal).padStart(4)} ${istStamp(effect.at)} ${effect.process.padEnd(12)} ${effect.name} ${what}${fault ? `   <<< ${fault}` : ''}`,
        );
      },
    },
  });
  const { scheduler, objects, index, bus, dayBus, queue } = system;
  const truthOf = (account: string): Contents =>
    new Map(
      (worlds.get(account)?.records ?? []).map(({ id, contents }) => [
        id,
        readContent(contents.at(-1)?.raw ?? '', VOLATILE).hash,
      ]),
    );
  const heldBy = (account: string): { archive: Contents; index: Contents } => {
    const raw = [...objects.objects].filter(([key]) => key.startsWith(`${RAW}account=${account}/`));
    const calls = [...index.calls].filter(([, call]) => call.account === account);
    return {
      archive: archivedContents(new Map(raw), VOLATILE),
      index: indexedContents(new Map(calls)),
    };
  };
  const lacking = (account: string): string[] => {
    const truth = truthOf(account);
    return Object.entries(heldBy(account)).flatMap(([place, contents]) =>
      [...truth]
        .filter(([id, hash]) => contents.get(id) !== hash)
        .map(([id]) => `${place} of ${account} ${contents.has(id) ? 'is behind with' : 'lacks'} ${id}`),
    );
  };

  system.startConsumers(2);
  const tick = async (at: EpochMs) => {
    await scheduler.run(at);
    return system.startPoller(at);
  };
  const first: ReadonlyMap<string, IndexedCall>[] = [];
  for (const at of READS) {
    await tick(at);
    await scheduler.run(at + 20 * MINUTE);
    first.push(new Map(index.calls));
  }
  const damage: Record<string, number> = {};
  for (const account of ACCOUNTS.map(({ name }) => name)) {
    if (lacking(account).length > 0)
      throw new Error(`seed ${seed} does not begin whole: ${lacking(account).join()}`);
    for (let times = draws.between(1, 2); times > 0; times -= 1) {
      const kind = draws.of(DAMAGES);
      damage[kind] = (damage[kind] ?? 0) + 1;
      damageOne(kind, account, system, first[0] ?? new Map(), draws);
    }
  }

  /** By the time for which a proof was begun: the accounts of which nothing was lacking. */
  const wholeAt = new Map<EpochMs, ReadonlySet<string>>();
  const told: DayEvent[] = [];
  /** Nothing is taken away any more: what a proof says must hold by the time that it says so. */
  const heard = async (event: DayEvent) => {
    told.push(event);
    const { account, manifest } = event.detail;
    const begun = (await system.proofs.load(account, DT))?.value.run?.startedAt;
    if (event['detail-type'] === 'DayProven')
      for (const what of lacking(account)) blame('false-proof', `${manifest}: ${what}`);
    else if (begun !== undefined && wholeAt.get(begun)?.has(account))
      blame('false-alarm', `${manifest}: ${JSON.stringify(event.detail.counts)}`);
  };
  const proofs: Proof[] = [];
  const prove = (at: EpochMs, days?: string[], looksLeft?: number): Proof => {
    const order = { scheduledAt: new Date(at).toISOString(), ...(days && { days }) };
    wholeAt.set(at, new Set(ACCOUNTS.map(({ name }) => name).filter((name) => lacking(name).length === 0)));
    const proof = system.startProver(order, looksLeft, heard);
    proofs.push(proof);
    return proof;
  };

  before = system.chaos.count;
  isStorm = true;
  for (let round = 0; round < ROUNDS; round += 1) {
    const at = BEGIN + round * HOUR;
    const looks = draws.of([undefined, undefined, draws.between(1, 6)]);
    const isDoubled = draws.chance(0.25);
    await scheduler.run(at);
    prove(at, [DT], looks);
    if (isDoubled) prove(at, [DT], draws.of([undefined, draws.between(1, 6)]));
    await tick(at + draws.of([0, 20]) * MINUTE);
  }
  await scheduler.run(BEGIN + ROUNDS * HOUR - MINUTE);
  isStorm = false;
  trace?.('healing');
  for (let hour = 0; hour < HEALING_HOURS; hour += 1) {
    const at = BEGIN + (ROUNDS + hour) * HOUR;
    await scheduler.run(at);
    prove(at);
    await tick(at + 20 * MINUTE);
    await scheduler.run(at + 50 * MINUTE, () => queue.isEmpty);
    if (await isSettled(system)) break;
  }

  for (const { error } of proofs)
    if (error instanceof TypeError || error instanceof RangeError) blame('defect', `${error.stack}`);
  if (!queue.isEmpty) blame('not-converged', 'messages are left');
  for (const { name } of ACCOUNTS) {
    for (const what of lacking(name)) blame('not-healed', what);
    const { verdict, run } = (await system.proofs.load(name, DT))?.value ?? {};
    if (verdict !== 'proven' || run) blame('not-proven', `${name}: ${verdict}`);
    const newest = [...objects.objects]
      .filter(([key]) => key.startsWith(`days/account=${name}/`))
      .sort(([a], [b]) => (a < b ? 1 : -1))[0];
    const last = told.findLast(({ detail }) => detail.account === name);
    if (last?.['detail-type'] !== 'DayProven' || last.detail.manifest !== newest?.[0])
      blame('silent', `the newest proof of ${name} was not told: ${newest?.[0]}`);
    const { book, progress } = await readOrders(name, system);
    const open = book.orders.filter(({ id }) => !isDone(progress, id));
    if (open.length > 0) blame('not-converged', `${open.length} orders are open`);
  }
  for (const event of dayBus.events) {
    const stored = objects.objects.get(event.detail.manifest);
    const { verdict, provenAt } = (
      stored ? JSON.parse(Buffer.from(stored).toString()) : {}
    ) as Partial<DayManifest>;
    const means = event['detail-type'] === 'DayProven' ? 'proven' : 'differs';
    if (verdict !== means || provenAt !== event.detail.provenAt)
      blame('silent', `${manifestKey(event.detail)} is told as ${means}, and stored as ${verdict}`);
  }
  for (const id of unpublished(index.calls, bus.events))
    blame('silent', `${id} was never published as it is`);
  for (const key of objects.objects.keys()) if (key.startsWith('quarantine/')) blame('set-aside', key);
  const records = [...worlds.values()].reduce((sum, world) => sum + world.records.length, 0);
  return { violations, effects, records, damage };
};

const isSettled = async (system: SimulatedSystem): Promise<boolean> => {
  for (const { name } of ACCOUNTS) {
    const { verdict, run } = (await system.proofs.load(name, DT))?.value ?? {};
    const { book, progress } = await readOrders(name, system);
    const isQuiet = book.orders.every(({ id }) => isDone(progress, id));
    if (verdict !== 'proven' || run || !isQuiet) return false;
  }
  return system.queue.isEmpty;
};

/** Takes something away from archive or index, as a person or a lost message would. */
const damageOne = (
  kind: (typeof DAMAGES)[number],
  account: string,
  { objects: { objects }, index: { calls } }: SimulatedSystem,
  first: ReadonlyMap<string, IndexedCall>,
  draws: Draws,
): void => {
  const raws = [...objects.keys()].filter((key) => key.startsWith(`${RAW}account=${account}/`)).sort();
  const mine = [...calls].filter(([, call]) => call.account === account);
  const [at, call] = draws.of(mine);
  switch (kind) {
    case 'unarchived':
      objects.delete(draws.of(raws));
      return;
    case 'never-arrived': {
      const gone = draws.of(raws);
      objects.delete(gone);
      for (const [key, { object }] of mine) if (object === gone) calls.delete(key);
      return;
    }
    case 'unindexed':
      calls.delete(at);
      return;
    case 'misindexed':
      calls.set(at, { ...call, hash: 'f'.repeat(64), seen: '00000000-0001-00000000' });
      return;
    case 'stuck':
      calls.set(at, { ...call, hash: 'e'.repeat(64) });
      return;
    case 'stale':
      // The messages of the second read never came: what changed is there as it was first.
      for (const [key, { seen }] of mine) {
        const was = first.get(key);
        if (was && was.seen !== seen) {
          objects.delete(calls.get(key)?.object ?? '');
          calls.set(key, was);
        }
      }
      return;
  }
};

import { type EpochMs, MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import type { CallKnobs, IdentityKnobs, PlantedCall } from './knobs.ts';
import { dayFactor, LONGEST_CALL, lifeOf } from './life.ts';
import { OFFICIAL } from './official.ts';
import { chance, draw, mix, pick, poisson } from './random.ts';
import { SALT } from './salt.ts';

/** What a record is, as bits. */
export const FLAG = {
  answered: 1,
  outbound: 2,
  clickToCall: 4,
  broadcast: 8,
  /** The second record of a transferred call. */
  leg: 16,
  /** Carries the `id` of its head, with other content. */
  twin: 32,
  nameless: 64,
  /** Its key is its content (no id, or a repeated one), so it is never edited nor removed. */
  fixed: 128,
  official: 256,
  planted: 512,
} as const;

/**
 * The bones of all records that start in one minute, ordered by start. Six numbers a record in one
 * typed array: a million records take 28 MB, and a window is searched without making an object.
 */
export interface Block {
  readonly size: number;
  readonly startsAt: EpochMs;
  readonly bones: Int32Array;
}

const STRIDE = 7;
const START = 0;
const LIFE = 1;
const DELAY = 2;
const GONE = 3;
const SEED = 4;
const HEAD = 5;
const FLAGS = 6;

const bone = (block: Block, index: number, which: number): number =>
  block.bones[index * STRIDE + which] as number;

export const startAt = (block: Block, index: number): EpochMs => block.startsAt + bone(block, index, START);
export const lifeMs = (block: Block, index: number): Ms => bone(block, index, LIFE);
export const endAt = (block: Block, index: number): EpochMs => startAt(block, index) + lifeMs(block, index);
export const insertAt = (block: Block, index: number): EpochMs =>
  endAt(block, index) + bone(block, index, DELAY);
/** When the vendor removes it; Infinity: never. */
export const goneAt = (block: Block, index: number): EpochMs => {
  const after = bone(block, index, GONE);
  return after === 0 ? Infinity : insertAt(block, index) + after;
};
export const seedOf = (block: Block, index: number): number => bone(block, index, SEED) >>> 0;
/** The record of the same block that began the call; itself for most. */
export const headOf = (block: Block, index: number): number => bone(block, index, HEAD);
export const flagsOf = (block: Block, index: number): number => bone(block, index, FLAGS);

interface Draft {
  start: Ms;
  life: Ms;
  delay: Ms;
  gone: Ms;
  seed: number;
  head: Draft | undefined;
  flags: number;
}

const insertDelay = (seed: number, knobs: CallKnobs): Ms =>
  chance(seed, SALT.late, knobs.lateShare)
    ? Math.round(knobs.lateFrom + draw(seed, SALT.lateDelay) * (knobs.lateTo - knobs.lateFrom))
    : 2 * SECOND + pick(seed, SALT.insertDelay, 1001);

const goneAfter = (seed: number, flags: number, knobs: CallKnobs): Ms =>
  !(flags & FLAG.fixed) && chance(seed, SALT.gone, knobs.vanishShare)
    ? Math.round(knobs.vanishFrom + draw(seed, SALT.goneDelay) * (knobs.vanishTo - knobs.vanishFrom))
    : 0;

const draftCall = (seed: number, calls: CallKnobs, identity: IdentityKnobs): Draft[] => {
  let flags = chance(seed, SALT.answered, 1 - calls.missedShare) ? FLAG.answered : 0;
  if (chance(seed, SALT.clickToCall, 0.12)) flags |= FLAG.clickToCall | FLAG.outbound;
  else if (chance(seed, SALT.direction, 0.3)) flags |= FLAG.outbound;
  if (chance(seed, SALT.broadcast, calls.broadcastShare)) flags |= FLAG.broadcast | FLAG.outbound;
  const answered = (flags & FLAG.answered) > 0;
  const twinned = chance(seed, SALT.twin, identity.repeatedShare);
  let own = flags;
  if (twinned) own |= FLAG.fixed;
  else if (chance(seed, SALT.nameless, identity.missingShare)) own |= FLAG.nameless | FLAG.fixed;
  const head: Draft = {
    start: Math.floor(draw(seed, SALT.start) * MINUTE),
    life: lifeOf(answered, draw(seed, SALT.life)),
    delay: insertDelay(seed, calls),
    gone: goneAfter(seed, own, calls),
    seed,
    head: undefined,
    flags: own,
  };
  const drafts = [head];
  if (twinned) {
    drafts.push({ ...head, seed: mix(seed, SALT.twin), head, flags: own | FLAG.twin });
  }
  if (answered && chance(seed, SALT.leg, calls.legShare)) {
    const legSeed = mix(seed, SALT.leg);
    drafts.push({
      start: Math.min(MINUTE - 1, head.start + pick(seed, SALT.legStart, 5_000)),
      life: Math.min(LONGEST_CALL, Math.round(head.life * (0.5 + draw(seed, SALT.legLife)))),
      delay: insertDelay(legSeed, calls),
      gone: goneAfter(legSeed, flags, calls),
      seed: legSeed,
      head,
      flags: flags | FLAG.leg,
    });
  }
  return drafts;
};

const draftOfficial = (): Draft => ({
  start: OFFICIAL.startAt % MINUTE,
  life: OFFICIAL.endAt - OFFICIAL.startAt,
  delay: OFFICIAL.insertAt - OFFICIAL.endAt,
  gone: 0,
  seed: 0,
  head: undefined,
  flags: FLAG.answered | FLAG.fixed | FLAG.official,
});

export const OFFICIAL_MINUTE = Math.floor(OFFICIAL.startAt / MINUTE);

/** A planted call and its seed, which no other planted call has. */
export interface Planted {
  readonly seed: number;
  readonly call: PlantedCall;
}

const draftPlanted = ({ seed, call }: Planted): Draft => ({
  start: call.startAt % MINUTE,
  life: call.life,
  delay: call.insertDelay ?? 2_500,
  gone: call.goneAfter ?? 0,
  seed,
  head: undefined,
  flags: (call.answered === false ? 0 : FLAG.answered) | FLAG.planted,
});

/**
 * Makes the block of one minute; the same seed and knobs always give the same block.
 * @param minute  whole minutes since the epoch
 * @param drawn   false for a minute outside history: only the official sample and planted calls may be in it
 * @param planted those that start in this minute
 */
export const makeBlock = (
  seed: number,
  minute: number,
  knobs: { calls: CallKnobs; identity: IdentityKnobs },
  drawn: boolean,
  planted: readonly Planted[],
): Block => {
  const startsAt = minute * MINUTE;
  const blockSeed = mix(seed, minute);
  const { calls, identity } = knobs;
  const rate = calls.callsPerMinute * dayFactor(startsAt, calls.dayCurve);
  const count = drawn ? poisson(blockSeed, SALT.callCount, rate) : 0;
  const drafts: Draft[] = [];
  for (let call = 0; call < count; call += 1) {
    drafts.push(...draftCall(mix(blockSeed, 1_000 + call), calls, identity));
  }
  if (minute === OFFICIAL_MINUTE) drafts.push(draftOfficial());
  drafts.push(...planted.map(draftPlanted));
  drafts.sort((a, b) => a.start - b.start);
  const place = new Map(drafts.map((draft, index) => [draft, index]));
  const bones = new Int32Array(drafts.length * STRIDE);
  for (const [index, { start, life, delay, gone, seed: own, head, flags }] of drafts.entries()) {
    bones.set([start, life, delay, gone, own, (head && place.get(head)) ?? index, flags], index * STRIDE);
  }
  return { size: drafts.length, startsAt, bones };
};

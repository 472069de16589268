import { type EpochMs, MINUTE, SECOND } from '../../shared/core/time.ts';
import { type Block, FLAG, flagsOf, headOf, insertAt, seedOf, startAt } from './block.ts';
import { hostileId } from './drift.ts';
import type { Revision } from './edits.ts';
import type { Knobs } from './knobs.ts';
import { OFFICIAL } from './official.ts';
import { chance, hexDigits } from './random.ts';
import { SALT } from './salt.ts';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const minuteOf = (block: Block): number => Math.floor(block.startsAt / MINUTE);

/** Twelve hex digits that no other record of the world has. */
const placeOf = (block: Block, index: number): string => hex(minuteOf(block), 7) + hex(index, 5);

const namelessIds = [undefined, null, '', 'N.A.'];

/**
 * What stands in a record's `id`: an ObjectId as Mongo makes them, four bytes of insert second and eight that no
 * other record has (three digits of the world, minute, place, number of the edit that gave it a new id). Where
 * ids do not survive an edit, the insert second is the edit's.
 */
export const idOf = (
  worldSeed: number,
  block: Block,
  index: number,
  revision: Revision,
  knobs: Pick<Knobs, 'edits' | 'identity'>,
): unknown => {
  const flags = flagsOf(block, index);
  if (flags & FLAG.official) return OFFICIAL.id;
  const seed = seedOf(block, index);
  if (flags & FLAG.nameless) return namelessIds[seed % namelessIds.length];
  if (flags & FLAG.twin) return idOf(worldSeed, block, headOf(block, index), revision, knobs);
  const renamed = knobs.edits.idSurvives ? 0 : revision.edits;
  const insertedAt: EpochMs = renamed === 0 ? insertAt(block, index) : revision.editedAt;
  const own = hexDigits(worldSeed, SALT.world, 3) + placeOf(block, index) + hex(renamed, 1);
  if (chance(seed, SALT.hostileId, knobs.identity.hostileShare)) return hostileId(seed, own);
  return hex(Math.floor(insertedAt / SECOND), 8) + own;
};

/**
 * `1715235734.129662`, the same for all records of a call. Where fields drift, some have a host before it and
 * some are a UUID.
 */
export const callIdOf = (block: Block, index: number, driftShare: number): string => {
  const head = headOf(block, index);
  const plain = `${Math.floor(startAt(block, head) / SECOND)}.${100_000 + head}`;
  const seed = seedOf(block, head);
  if (!chance(seed, SALT.callIdShape, driftShare)) return plain;
  if (seed % 2 === 0) return `h3.08-${plain}`;
  const some = hexDigits(seed, SALT.callIdShape, 18);
  return `${some.slice(0, 8)}-${some.slice(8, 12)}-4${some.slice(12, 15)}-8${some.slice(15, 18)}-${placeOf(block, head)}`;
};

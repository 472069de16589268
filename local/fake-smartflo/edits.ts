import { type EpochMs, MINUTE, type Ms } from '../../shared/core/time.ts';
import { FLAG } from './block.ts';
import type { EditKnobs } from './knobs.ts';
import { DISPOSITIONS } from './people.ts';
import { chance, logUniform, mix, pick } from './random.ts';
import { SALT } from './salt.ts';

/** What of a record can change after first sight. Two equal contents give the same bytes. */
export interface Content {
  /** Place in DISPOSITIONS. */
  readonly disposition: number;
  /** 0: no note; else which one. */
  readonly note: number;
  readonly contactKnown: boolean;
  /** Stars; 0: not rated. */
  readonly rating: number;
  readonly recordingReady: boolean;
}

export interface Revision {
  readonly content: Content;
  /** How many changes this content has behind it; 0 at first sight. */
  readonly number: number;
  /** How many of them were edits, which give a new `id` where ids do not survive, and when the last came. */
  readonly edits: number;
  readonly editedAt: EpochMs;
  /** When this content came to be; the insert for the first. */
  readonly since: EpochMs;
}

const FIRST: Content = { disposition: 0, note: 0, contactKnown: false, rating: 0, recordingReady: true };

interface Change {
  readonly at: EpochMs;
  readonly turn: (content: Content) => Content;
  readonly isEdit: boolean;
}

const turnBy = (seed: number, step: number): ((content: Content) => Content) => {
  const which = mix(seed, SALT.editKind + step);
  const count = DISPOSITIONS.length - 1;
  const note = 1 + pick(which, 3, 1_000);
  return (content) => {
    // The first edit is the agent's after-call work; later ones touch one thing. None leaves all as it was.
    const kind = step === 0 ? 0 : 1 + pick(which, 2, 3);
    if (kind === 0) return { ...content, disposition: 1 + pick(which, 1, count), note, contactKnown: true };
    if (kind === 1) return { ...content, disposition: 1 + (content.disposition % count) };
    if (kind === 2) return { ...content, note: note === content.note ? note + 1 : note };
    return { ...content, rating: 1 + ((content.rating + pick(which, 4, 4)) % 5) };
  };
};

/** Most answered calls have a recording, and many missed ones. */
export const isRecorded = (seed: number, flags: number): boolean =>
  chance(seed, SALT.recording, flags & FLAG.answered ? 0.95 : 0.4);

const isRecordingLate = (seed: number, flags: number, knobs: EditKnobs): boolean =>
  !(flags & FLAG.fixed) &&
  isRecorded(seed, flags) &&
  chance(seed, SALT.recordingLate, knobs.recordingLateShare);

/** Everything that will ever happen to a record, oldest first. */
const changesOf = (
  seed: number,
  flags: number,
  insertAt: EpochMs,
  knobs: EditKnobs,
  planned: readonly Ms[] | undefined,
): Change[] => {
  if (flags & FLAG.fixed) return [];
  const changes: Change[] = [];
  if (isRecordingLate(seed, flags, knobs)) {
    const at = insertAt + Math.round(logUniform(seed, SALT.recordingDelay, MINUTE, 10 * MINUTE));
    changes.push({ at, isEdit: false, turn: (content) => ({ ...content, recordingReady: true }) });
  }
  if (planned) {
    for (const [step, delay] of planned.entries()) {
      changes.push({ at: insertAt + delay, isEdit: true, turn: turnBy(seed, step) });
    }
  } else if (chance(seed, SALT.edited, knobs.share)) {
    const reverted = chance(seed, SALT.reverted, knobs.revertShare);
    const count = reverted ? 2 : 1 + pick(seed, SALT.editCount, 3);
    const delays = Array.from({ length: count }, (_, step) =>
      Math.round(logUniform(seed, SALT.editDelay + step, knobs.from, knobs.to)),
    ).sort((a, b) => a - b);
    for (const [step, delay] of delays.entries()) {
      const back = reverted && step === 1;
      const turn = back
        ? (content: Content) => ({ ...FIRST, recordingReady: content.recordingReady })
        : turnBy(seed, step);
      changes.push({ at: insertAt + delay, isEdit: true, turn });
    }
  }
  return changes.sort((a, b) => a.at - b.at);
};

/**
 * How a record stands at `now`.
 * @param planned when it is edited, ms after insert; drawn from its seed if not given
 */
export const revisionAt = (
  seed: number,
  flags: number,
  insertAt: EpochMs,
  now: EpochMs,
  knobs: EditKnobs,
  planned?: readonly Ms[],
): Revision => {
  let content: Content = { ...FIRST, recordingReady: !isRecordingLate(seed, flags, knobs) };
  let [number, edits, since, editedAt] = [0, 0, insertAt, insertAt];
  for (const change of changesOf(seed, flags, insertAt, knobs, planned)) {
    if (change.at > now) break;
    content = change.turn(content);
    number += 1;
    since = change.at;
    if (!change.isEdit) continue;
    edits += 1;
    editedAt = change.at;
  }
  return { content, number, edits, editedAt, since };
};

/** An instant: UTC epoch, whole milliseconds. */
export type EpochMs = number;

/** A length of time in milliseconds. */
export type Ms = number;

export const SECOND: Ms = 1_000;
export const MINUTE: Ms = 60 * SECOND;
export const HOUR: Ms = 60 * MINUTE;
export const DAY: Ms = 24 * HOUR;

/**
 * India keeps one zone all year, +05:30. Every stamp of the source is naive IST: its own sample
 * prints epoch 1715235734.438 as 11:52:14.
 */
export const IST_OFFSET: Ms = 5 * HOUR + 30 * MINUTE;

/** The IST date of an instant, `YYYY-MM-DD`. */
export const istDate = (at: EpochMs): string => new Date(at + IST_OFFSET).toISOString().slice(0, 10);

/** The wall clock in India as the source writes it, `YYYY-MM-DD HH:mm:ss`; milliseconds are cut off. */
export const istStamp = (at: EpochMs): string => {
  const iso = new Date(at + IST_OFFSET).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
};

/** Year 0 is how some write that there is no date, and no ISO date of ours can spell what lies before it. */
const STAMP = /^(?!0000)(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})$/;

/** Reads `YYYY-MM-DD HH:mm:ss` as IST; undefined where it is no real date and time. */
export const parseIstStamp = (text: string): EpochMs | undefined => {
  const parts = STAMP.exec(text);
  if (!parts) return undefined;
  const wallClock = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  // Date.parse lets 30 February and 24:00:00 roll over: what lands on another day is no date. Nor is NaN's day.
  return new Date(wallClock).getUTCDate() === Number(parts[3]) ? wallClock - IST_OFFSET : undefined;
};

/** Midnight in India at the start of an IST date; undefined where it is no real date. */
export const parseIstDate = (text: string): EpochMs | undefined => parseIstStamp(`${text} 00:00:00`);

/** The start of the IST-aligned block of `size` that holds `at`. Blocks of a day, an hour, 15 min nest. */
export const istBlockStart = (at: EpochMs, size: Ms): EpochMs =>
  Math.floor((at + IST_OFFSET) / size) * size - IST_OFFSET;

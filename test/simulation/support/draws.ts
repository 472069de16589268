/** A stream of draws that its seed alone decides (mulberry32). */
export class Draws {
  #state: number;

  /** @param seed any numbers; streams of other numbers have nothing to do with this one */
  constructor(...seed: readonly number[]) {
    this.#state =
      seed.reduce((mixed, part) => Math.imul(mixed ^ part, 0x9e3779b1) + 0x7f4a7c15, 0x2545f491) >>> 0;
    for (let round = 0; round < 3; round += 1) this.unit();
  }

  /** In [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }

  /** One of them; at least one must be there. */
  of<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError('nothing to draw from');
    return choices[this.below(choices.length)] as T;
  }
}

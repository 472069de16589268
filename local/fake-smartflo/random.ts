/**
 * Stateless draws: every trait of a record is a hash of its own seed and the trait's salt. So no trait
 * depends on the order of asking, and turning one knob leaves all other traits as they were.
 */

/** A well-spread unsigned 32-bit hash of two 32-bit numbers (murmur3's finaliser). */
export const mix = (a: number, b: number): number => {
  let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ b;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Uniform in [0, 1). */
export const draw = (seed: number, salt: number): number => mix(seed, salt) / 0x1_0000_0000;

/** A whole number in [0, n). */
export const pick = (seed: number, salt: number, n: number): number => Math.floor(draw(seed, salt) * n);

/** True for about `share` (0 to 1) of all seeds. */
export const chance = (seed: number, salt: number, share: number): boolean => draw(seed, salt) < share;

/** Between `from` and `to`, each order of magnitude as likely as the next; `from` must be above 0. */
export const logUniform = (seed: number, salt: number, from: number, to: number): number =>
  from * (to / from) ** draw(seed, salt);

/** How many events fall into a span where `mean` are expected. Above 30 the normal curve is near enough. */
export const poisson = (seed: number, salt: number, mean: number): number => {
  if (mean > 30) {
    const bell =
      Math.sqrt(-2 * Math.log(1 - draw(seed, salt))) * Math.cos(2 * Math.PI * draw(seed, salt + 1));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * bell));
  }
  const stop = Math.exp(-mean);
  let count = 0;
  for (let left = draw(seed, salt); left > stop; left *= draw(mix(seed, count), salt + 1)) count += 1;
  return count;
};

/** `length` hex digits. */
export const hexDigits = (seed: number, salt: number, length: number): string => {
  let text = '';
  for (let part = 0; text.length < length; part += 1) {
    text += mix(mix(seed, salt), part).toString(16).padStart(8, '0');
  }
  return text.slice(0, length);
};

/** Letters to insert, remove or replace to get from one word to the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The word that was probably meant; undefined where none is near: more than two in five letters differ. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const [best] = known
    .map((candidate) => ({
      candidate,
      off: distance(word, candidate) / Math.max(word.length, candidate.length),
    }))
    .sort((a, b) => a.off - b.off);
  return best && best.off <= 0.4 ? best.candidate : undefined;
};

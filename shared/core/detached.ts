/**
 * A copy of a text that is kept: a piece cut from a longer one keeps all of that in memory. A lone surrogate becomes
 * U+FFFD.
 */
export const detached = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

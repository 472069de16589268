/** How a command ends, for scripts. Part of the interface: a number never changes its meaning. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** It ran, and found something: a gap, an unproven day, a red check, a record that did not arrive. */
  finding: 3,
  credentials: 4,
  sourceRefused: 5,
  awsRefused: 6,
  /** It could not ask, or the answer was no. */
  declined: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'ok',
  1: 'failed',
  2: 'usage',
  3: 'finding: it ran and found something amiss',
  4: 'credentials',
  5: 'the source refused or did not answer',
  6: 'AWS refused',
  7: "can't ask, or declined",
  130: 'interrupted',
};

/** The groups of a doctor's report, in their order. */
export const GROUPS = ['machine', 'configuration', 'credentials', 'source', 'aws', 'data'] as const;
export type Group = (typeof GROUPS)[number];

/** One thing that was looked at. `id` is stable, for scripts. */
export interface Check {
  readonly id: string;
  readonly group: Group;
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  readonly message: string;
  /** What cures it, or why it was skipped. */
  readonly fix?: string;
}

type Said = (id: string, message: string, fix?: string) => Check;

/** The four ways in which a check of one group ends. */
export const checksOf = (group: Group): Record<Check['status'], Said> => {
  const as =
    (status: Check['status']): Said =>
    (id, message, fix) => ({ id, group, status, message, ...(fix !== undefined && { fix }) });
  return { ok: as('ok'), warn: as('warn'), fail: as('fail'), skip: as('skip') };
};

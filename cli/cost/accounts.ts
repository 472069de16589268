import type { Config } from '../../shared/contract/config.ts';

/** The configuration with so many accounts: the first ones of it, and further ones like its last. */
export const withAccounts = (config: Config, wanted: number): Config => ({
  ...config,
  accounts: Array.from({ length: wanted }, (_, at) => {
    const own = config.accounts[at];
    if (own) return own;
    const last = config.accounts.at(-1);
    if (!last) throw new RangeError('a configuration has one account at least');
    return { ...last, name: `estimated-${at + 1}` };
  }),
});

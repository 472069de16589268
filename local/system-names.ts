/** What the parts of one installation are called, as its functions are told. */
export interface SystemNames {
  readonly bucket: string;
  readonly ledgerTable: string;
  readonly indexTable: string;
  readonly queueUrl: string;
  readonly eventBus: string;
}

/**
 * Every name is given to some function by its environment: nothing else has to be asked or copied.
 * @throws where a name is in none of them.
 */
export const systemNames = (
  environments: readonly Readonly<Record<string, string | undefined>>[],
): SystemNames => {
  const name = (variable: string): string => {
    const found = environments.map((environment) => environment[variable]).find((value) => value);
    if (found === undefined) throw new Error(`no function is given ${variable}`);
    return found;
  };
  return {
    bucket: name('BUCKET'),
    ledgerTable: name('LEDGER_TABLE'),
    indexTable: name('INDEX_TABLE'),
    queueUrl: name('QUEUE_URL'),
    eventBus: name('EVENT_BUS_NAME'),
  };
};

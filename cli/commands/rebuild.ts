import type { Account } from '../../shared/contract/account.ts';
import { ArchiveUnreadable } from '../../shared/steps/archive-reader.ts';
import { objectsByStamp, rebuildIndex } from '../../shared/steps/rebuild-index.ts';
import { wrapped } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { count, counted } from '../figures.ts';
import type { TableState } from '../place/index-tables.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import { ProgressLine } from '../progress-line.ts';
import type { Terminal } from '../terminal.ts';

export interface RebuildOptions extends PlaceOptions {
  readonly into: string;
  readonly create?: boolean;
  readonly confirm?: string;
}

/** An account and its archive objects, in the order in which they are applied. */
interface Share {
  readonly account: Account;
  readonly names: readonly string[];
}

/** @throws {Failure} where the table is not one that may be filled. */
const checkTable = (place: Place, { into, create }: RebuildOptions, state: TableState): void => {
  const unfit = (came: string, cure: string) =>
    new Failure('rebuild-table-unfit', 'this table can not be filled', {
      came,
      wanted: 'a new table, made like the index and written by nobody else',
      cure,
      exit: EXIT.usage,
    });
  const another = 'name another table with --into';
  if (place.tables.own.includes(into)) throw unfit(`${into}, which the system itself writes`, another);
  if (state === 'other')
    throw unfit(`${into}, which has other keys or secondary indexes than the index`, another);
  if (state === 'absent' && !create) throw unfit(`${into}, which is not there`, 'add --create');
  if (state !== 'absent' && create)
    throw unfit(`${into}, which is there already`, 'leave out --create to go on filling it');
};

/** Shows what a rebuild would do, or does it. */
export const rebuild = async (terminal: Terminal, options: RebuildOptions): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const { into, confirm } = options;
    const state = await place.tables.state(into);
    checkTable(place, options, state);
    if (confirm !== undefined && confirm !== into)
      throw new Failure('not-confirmed', 'the confirmation names something else', {
        came: `--confirm=${confirm}`,
        wanted: `--confirm=${into}`,
        cure: 'repeat the name of the table that is to be filled',
        exit: EXIT.declined,
      });
    const shares: Share[] = [];
    for (const account of accountsOf(place, options.account))
      shares.push({ account, names: await objectsByStamp(place.objects, account.name) });
    return confirm === undefined
      ? plan(terminal, place, options, state, shares)
      : fill(terminal, place, options, state, shares);
  });

const plan = (
  terminal: Terminal,
  place: Place,
  { into, create }: RebuildOptions,
  state: TableState,
  shares: readonly Share[],
): ExitCode => {
  if (terminal.manners.json) {
    terminal.document('rebuild/1', {
      into,
      table: state,
      done: false,
      accounts: shares.map(({ account, names }) => ({ account: account.name, objects: names.length })),
    });
    return EXIT.ok;
  }
  for (const { account, names } of shares)
    terminal.print(
      wrapped(
        `${account.name}: ${counted(names.length, 'archive object')} would go into ${into}`,
        terminal.output.columns,
      ),
    );
  terminal.say(`the table is ${state}${state === 'absent' ? ' and would be made' : ''}; nothing was done`);
  const flags = `--into ${into}${create ? ' --create' : ''} --confirm=${into}`;
  terminal.say(`next: npx smartflo-cdr rebuild ${flags}${place.flag}`);
  return EXIT.ok;
};

const fill = async (
  terminal: Terminal,
  place: Place,
  { into }: RebuildOptions,
  state: TableState,
  shares: readonly Share[],
): Promise<ExitCode> => {
  if (state === 'absent') await place.tables.create(into);
  const index = place.tables.open(into);
  const { objects } = place;
  const filled: { account: string; objects: number; records: number; written: number; refused: number }[] =
    [];
  for (const { account, names } of shares) {
    const { name } = account;
    const progress = new ProgressLine(terminal, `rebuilding ${name}, object`, Math.max(1, names.length));
    let reached = { objects: 0, records: 0, written: 0, refused: 0 };
    try {
      for await (reached of rebuildIndex(names, name, account.volatilePaths, { objects, index }))
        progress.show(reached.objects);
    } catch (thrown) {
      if (!(thrown instanceof ArchiveUnreadable)) throw thrown;
      throw new Failure('archive-unreadable', 'an object of the archive does not unpack', {
        came: `${thrown.object}, after ${count(reached.objects)} of ${count(names.length)} objects`,
        wanted: 'gzip as this system writes it',
        cure: `get back an earlier version of the object, then run the same command without --create`,
        exit: EXIT.finding,
        cause: thrown,
      });
    } finally {
      progress.close();
    }
    filled.push({ account: name, ...reached });
  }
  if (terminal.manners.json) {
    terminal.document('rebuild/1', { into, table: state, done: true, accounts: filled });
    return EXIT.ok;
  }
  for (const { account, objects, records, written } of filled)
    terminal.print(
      wrapped(
        `${account}: ${counted(objects, 'object')}, ${counted(records, 'record')} read, ${counted(written, 'write')} into ${into}`,
        terminal.output.columns,
      ),
    );
  terminal.say('nothing was published, and the live index is as it was');
  terminal.say(`next: npx smartflo-cdr prove${place.flag} compares the live index with the archive`);
  return EXIT.ok;
};

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { lockFile } from '../../local/data-folder.ts';
import { isLocked } from '../../local/data-lock.ts';
import { readDoor } from '../../local/door.ts';
import { type LocalStatus, readStatus } from '../../local/status.ts';
import { istStamp } from '../../shared/core/time.ts';
import { facts } from '../columns.ts';
import { folderFlag } from '../default-data.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count, span } from '../figures.ts';
import { withPlace } from '../place/open-place.ts';
import type { PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';
import { accountFacts, placeStatus } from './place-status.ts';

/** Prints again what `start` said: what runs, where things lie, how to stop, and the figures. */
export const status = async (terminal: Terminal, options: PlaceOptions): Promise<ExitCode> => {
  if (options.stack !== undefined) return stackStatus(terminal, options);
  const root = resolve(options.data);
  const running = existsSync(lockFile(root)) && isLocked(lockFile(root));
  const last = await readStatus(root);
  const found = (await readDoor(root)) && (await withPlace(options, placeStatus));
  if (terminal.manners.json) {
    terminal.document('status/1', { running, ...(last ?? { data: root }), ...(found && { ledger: found }) });
    return EXIT.ok;
  }
  terminal.print(last ? describe(last, running, terminal.output.columns) : `nothing has run on ${root} yet`);
  for (const account of found?.accounts ?? []) {
    // Of one account they stand above.
    const own = accountFacts(account, running).filter(
      ([key]) => key !== 'calls today' || found?.accounts.length !== 1,
    );
    terminal.print(`\n${facts(own, terminal.output.columns)}`);
  }
  const folder = folderFlag(options.data);
  if (!running) terminal.say(`next: npx smartflo-cdr start${folder}`);
  return EXIT.ok;
};

/** The same of a deployed system. Exit 3 where something is dead or open. */
const stackStatus = async (terminal: Terminal, options: PlaceOptions): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const found = await placeStatus(place);
    const bad =
      found.deadLetters > 0 ||
      found.accounts.some(({ breaker, exceptions }) => breaker !== undefined || exceptions > 0);
    const exit = bad ? EXIT.finding : EXIT.ok;
    if (terminal.manners.json) {
      terminal.document('status/1', { running: true, stack: place.title, ledger: found });
      return exit;
    }
    terminal.print(
      facts(
        [
          ['stack', place.title],
          ['waiting', count(found.waiting)],
          ['dead letters', count(found.deadLetters)],
        ],
        terminal.output.columns,
      ),
    );
    for (const account of found.accounts)
      terminal.print(`\n${facts(accountFacts(account, true), terminal.output.columns)}`);
    terminal.say(`next: npx smartflo-cdr prove${place.flag}`);
    return exit;
  });

const describe = (last: LocalStatus, running: boolean, columns: number): string => {
  const { figures } = last;
  return facts(
    [
      ['state', running ? `running, ${last.phase.replace('-', ' ')}` : 'stopped'],
      ['source', last.simulated ? 'SIMULATED calls, nothing leaves this machine' : last.source],
      ['accounts', last.accounts.join(', ')],
      ['data', last.data],
      ['archive', last.archive],
      ['events', last.events],
      ['log', last.log],
      ['lag', !running || figures.lagSeconds === undefined ? '' : span(figures.lagSeconds * 1000)],
      ['calls today', count(figures.callsToday)],
      ['archived', count(figures.archived)],
      ['indexed', count(figures.indexed)],
      ['events sent', count(figures.events)],
      ['waiting', count(figures.waiting)],
      ['dead letters', count(figures.deadLetters)],
      ['quarantined', count(figures.quarantined)],
      ['errors', count(figures.errors)],
      ['as of', `${istStamp(Date.parse(last.updatedAt))}, India time`],
      ['to stop', running ? 'Ctrl-C where it runs' : ''],
    ],
    columns,
  );
};

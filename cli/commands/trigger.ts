import type { CallEvent } from '../../shared/contract/call-event.ts';
import { CASES, playCase, type Played } from '../../local/play-case.ts';
import { table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { counted } from '../figures.ts';
import type { Terminal } from '../terminal.ts';

/** Plays one case and prints the events that a consumer would get, one JSON a line; without a name, lists them. */
export const trigger = async (terminal: Terminal, name: string | undefined): Promise<ExitCode> => {
  if (name === undefined) return list(terminal);
  const found = CASES.find((one) => one.name === name);
  if (!found)
    throw new Failure('usage', 'there is no such case', {
      came: name,
      wanted: `one of ${CASES.map((one) => one.name).join(', ')}`,
      cure: 'npx smartflo-cdr trigger',
      exit: EXIT.usage,
    });
  terminal.say(`playing ${name}: ${found.meaning}`);
  const played = await playCase(found);
  const asWanted = fits(played, found.events);
  const exit = asWanted ? EXIT.ok : EXIT.finding;
  if (terminal.manners.json) {
    terminal.document('trigger/1', { name, ...played, asWanted });
    return exit;
  }
  for (const event of played.events) terminal.print(JSON.stringify(event));
  const refused = played.refused === undefined ? '' : `, and the source was refused for: ${played.refused}`;
  terminal.say(
    `${counted(played.events.length, 'event')} for a consumer, ${counted(played.requests, 'request')} to the source${refused}`,
  );
  if (played.rateLimited > 0) terminal.say(`${counted(played.rateLimited, 'answer')} was "slow down" (429)`);
  if (!asWanted) terminal.say(`otherwise than wanted: ${found.events.join(', ') || 'no event'}`);
  terminal.say('next: docs/consuming.md shows how a consumer deals with each event');
  return exit;
};

const fits = ({ events }: Played, wanted: readonly CallEvent['detail-type'][]): boolean =>
  events.length === wanted.length && events.every((event, at) => event['detail-type'] === wanted[at]);

const list = (terminal: Terminal): ExitCode => {
  if (terminal.manners.json)
    terminal.document('triggers/1', {
      cases: CASES.map(({ name, meaning, events }) => ({ name, meaning, events })),
    });
  else
    terminal.print(
      table(
        ['name', 'what happens', 'events'],
        CASES.map(({ name, meaning, events }) => [name, meaning, events.join(', ') || 'none']),
        terminal.output.columns,
      ),
    );
  terminal.say('next: npx smartflo-cdr trigger missed');
  return EXIT.ok;
};

import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../../support/cli.ts';
import { DAY, type OperatorWorld } from '../../support/operator-world.ts';
import { atEveryWidth } from '../../support/widths.ts';

/** What an example of docs/commands.md does in a world that holds its day. */
type Wanted =
  | {
      readonly exit: number;
      /** Of the one document; the example has `--json`. */
      readonly schema: string;
    }
  | {
      readonly exit: number;
      /** What it prints, in a terminal of any width and in a pipe. */
      readonly shows: RegExp;
      readonly on?: 'stderr';
      /** The record as it is. */
      readonly raw?: true;
      /** Given beside in a terminal: the source need not be asked four times. */
      readonly inTerminal?: readonly string[];
      /** The file that it writes, beside the data, not here. */
      readonly out?: string;
    }
  /** The file that runs it. */
  | { readonly elsewhere: string };

const RECORD = '663c6bc92b66f80b611f8f40';
const COMMANDS = 'operator.test.ts';
const ARCHIVE = 'from-the-archive.ts';
const TRIGGER = 'trigger.test.ts';

const EXAMPLES: Readonly<Record<string, Wanted>> = {
  start: { elsewhere: 'start.test.ts' },
  'start --once --from 2024-05-09 --to 2024-05-10': { elsewhere: 'operator-world.ts' },
  'status --json': { exit: 0, schema: 'status/1' },
  'prove --day 2024-05-09': { exit: 0, shows: /2024-05-09[^]*365[^]*proven/ },
  'prove --from 2024-05-01 --to 2024-05-09 --json': { exit: 3, schema: 'prove/1' },
  'coverage --month 2024-05': { elsewhere: COMMANDS },
  'backfill --from 2024-04-01 --to 2024-05-01': {
    exit: 7,
    shows: /to fetch:? +30 d[^]*--yes/,
    on: 'stderr',
  },
  'backfill --cancel': { exit: 0, shows: /^nothing|0 /, on: 'stderr' },
  doctor: { exit: 0, shows: /^machine\n {2}ok/, inTerminal: ['--no-source'] },
  'doctor --json --strict': { exit: 0, schema: 'doctor/1' },
  'calls --day 2024-05-09 --status missed': { exit: 0, shows: /missed[^]*\b[0-9a-f]{24}\b/ },
  'calls --customer 9876500000 --json': { exit: 0, schema: 'calls/1' },
  'call 1715235734.129662': { exit: 0, shows: new RegExp(`${RECORD}[^]*raw/account=main/`) },
  'call 663c6bc92b66f80b611f8f40 --raw': {
    exit: 0,
    shows: new RegExp(`^\\{"id":"${RECORD}".*\\}\\n$`),
    raw: true,
  },
  'dead-letters list': { elsewhere: COMMANDS },
  'dead-letters redrive': { exit: 0, shows: /^0 messages/, on: 'stderr' },
  'quarantine list': { elsewhere: COMMANDS },
  'quarantine retry': { exit: 0, shows: /nothing|^0 /, on: 'stderr' },
  'query "SELECT dt, count(*) FROM calls GROUP BY 1"': { exit: 0, shows: /2024-05-09[^]*\b365\b/ },
  'query --named calls-per-hour --csv': { exit: 0, shows: /^hour_ist,calls,answered,missed\n0,/ },
  'report --day 2024-05-09': { exit: 0, shows: /calls\.html\n$/, out: 'calls.html' },
  'plan --calls-per-minute 200 --page 100 --rate 1': { exit: 0, shows: /just-ended/ },
  'config show --origin': { exit: 0, shows: /accounts\.main\.share:?\s+default/ },
  // It synthesises the templates, which takes ten seconds.
  'cost --calls-per-day 20000 --accounts 2': { elsewhere: 'test/infra/cost.test.ts' },
  'explain login-rejected': { exit: 0, shows: /What\s+came:\s/ },
  'replay --day 2024-05-09 --to crm-calls --dry-run': {
    exit: 0,
    shows: /^2024-05-09: 365 calls[^]*would\s+go\s+to\s+crm-calls/,
  },
  'replay --day 2024-05-09 --to crm-calls --where direction=inbound': { elsewhere: ARCHIVE },
  'rebuild --into calls-again --create': { exit: 0, shows: /would\s+go\s+into\s+calls-again/ },
  'rebuild --into calls-again --create --confirm=calls-again': { elsewhere: ARCHIVE },
  lateness: { exit: 3, shows: /^main, .*: 0 calls$/m },
  'lateness --from 2024-05-01 --to 2024-05-09 --json': { exit: 0, schema: 'lateness/1' },
  trigger: { elsewhere: TRIGGER },
  'trigger missed': { elsewhere: TRIGGER },
  'trigger changed --json': { elsewhere: TRIGGER },
};

const written = [
  ...readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8').matchAll(
    /^ {4}npx smartflo-cdr (.*)$/gm,
  ),
].map(([, line = '']) => line);

const argsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

/** These look at no data folder. */
const PLACELESS = new Set(['plan', 'config', 'explain']);

/** The examples of docs/commands.md, run as they stand there; what people read, at every width. */
export const examplesOfTheDocs = (world: () => OperatorWorld): void => {
  describe('the examples of docs/commands.md', () => {
    beforeAll(() =>
      world().atRest(({ clients }) => clients.sqs.send(new CreateQueueCommand({ QueueName: 'crm-calls' }))),
    );

    test('each is run here, or elsewhere', () => {
      expect(written).toEqual(Object.keys(EXAMPLES));
    });

    test.each(Object.entries(EXAMPLES).filter(([, wanted]) => !('elsewhere' in wanted)))(
      '%s',
      async (line, wanted) => {
        if ('elsewhere' in wanted) return;
        const args = argsOf(line);
        const place = PLACELESS.has(args[0] ?? '') ? [] : ['--data', world().data];
        if ('schema' in wanted) {
          const { exit, stdout } = await cli([...args, ...place]);
          expect({ exit, schema: JSON.parse(stdout).schema }).toEqual(wanted);
          return;
        }
        const { exit, shows, on = 'stdout', raw = false, inTerminal, out } = wanted;
        if (out !== undefined) args.push('--out', join(world().data, out));
        if (inTerminal) {
          const piped = await cli([...args, ...place]);
          expect({ exit: piped.exit, text: piped[on] }).toEqual({ exit, text: expect.stringMatching(shows) });
        }
        const endings = await atEveryWidth([...args, ...(inTerminal ?? []), ...place], { raw });
        for (const ended of endings)
          expect({ exit: ended.exit, text: stripVTControlCharacters(ended[on]) }).toEqual({
            exit,
            text: expect.stringMatching(shows),
          });
      },
    );

    test.each([
      [['status'], /2024-05-09/],
      [['prove', '--from', '2024-05-08', '--to', DAY], /2024-05-08/],
    ])('beside them, %s', async (args, shows) => {
      for (const { stdout } of await atEveryWidth([...args, '--data', world().data]))
        expect(stdout).toMatch(shows);
    });
  });
};

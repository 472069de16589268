import { resolve } from 'node:path';
import { readMark } from '../../local/data-folder.ts';
import { readDoor } from '../../local/door.ts';
import { SIMULATED } from '../../local/source-choice.ts';
import { wrapped } from '../columns.ts';
import { type Check, checksOf, GROUPS } from '../doctor/check.ts';
import { checkConfiguration } from '../doctor/configuration.ts';
import { checkData } from '../doctor/data.ts';
import { checkMachine } from '../doctor/machine.ts';
import { measuredAnswers } from '../doctor/measured.ts';
import { checkSource, questionChecks, type SourceFindings, type SourceTarget } from '../doctor/source.ts';
import { type Answer, PROBE_REQUESTS } from '../doctor/source-probes.ts';
import { folderFlag } from '../default-data.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure, toFailure } from '../failure.ts';
import { withPlace } from '../place/open-place.ts';
import { accountOf, accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';
import { type PlaceStatus, placeStatus } from './place-status.ts';

export interface DoctorOptions extends PlaceOptions {
  readonly callsPerMinute: number;
  readonly source: boolean;
  readonly strict?: boolean;
}

/** Looks at everything, changes nothing but the record of what the source answered. */
export const doctor = async (terminal: Terminal, options: DoctorOptions): Promise<ExitCode> => {
  const checks: Check[] = [
    ...(await checkMachine(options.stack === undefined ? nearestFolder() : '.')),
    ...checkConfiguration(options.callsPerMinute),
  ];
  const target = await targetOf(options);
  let findings: SourceFindings | undefined;
  if (options.source) {
    terminal.say(`asking the source, ${PROBE_REQUESTS} requests at most`);
    findings = await checkSource(process.env, target, (requests) =>
      terminal.stand(`asking the source: ${requests} of at most ${PROBE_REQUESTS} requests`),
    );
    terminal.stand('');
  } else checks.push(checksOf('source').skip('source', 'not asked', 'leave out --no-source'));
  const { checks: ofThePlace, answers } = await placeChecks(options, findings);
  checks.push(...(findings?.checks ?? []), ...questionChecks(answers), ...ofThePlace);
  checks.sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));

  const bad = checks.some(
    ({ status }) => status === 'fail' || (options.strict === true && status === 'warn'),
  );
  const exit = bad ? EXIT.finding : EXIT.ok;
  const tally = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const summary = { ok: tally('ok'), warn: tally('warn'), fail: tally('fail'), skip: tally('skip') };
  if (terminal.manners.json) {
    terminal.document('doctor/1', {
      summary,
      examined: options.stack ?? resolve(options.data),
      requests: findings?.requests ?? 0,
      answers,
      settings: findings?.settings ?? {},
      checks,
      exit,
    });
    return exit;
  }
  for (const group of GROUPS) {
    const own = checks.filter((check) => check.group === group);
    const lines = own.flatMap((check) => linesOf(check, terminal.output.columns));
    if (lines.length > 0) terminal.print([group, ...lines, ''].join('\n'));
  }
  if (findings && Object.keys(findings.settings).length > 0)
    terminal.print(
      wrapped(
        `settings to use, in the account's block of cdk.json: ${JSON.stringify(findings.settings)}`,
        terminal.output.columns,
      ),
    );
  terminal.say(`${summary.ok} ok, ${summary.warn} warn, ${summary.fail} FAIL, ${summary.skip} skipped`);
  const first =
    checks.find(({ status }) => status === 'fail') ?? checks.find(({ status }) => status === 'warn');
  const here = options.stack === undefined ? folderFlag(options.data) : ` --stack ${options.stack}`;
  terminal.say(`next: ${first?.fix ?? `npx smartflo-cdr prove${here}`}`);
  return exit;
};

const WORD: Readonly<Record<Check['status'], string>> = {
  ok: 'ok  ',
  warn: 'warn',
  fail: 'FAIL',
  skip: 'skip',
};

const linesOf = ({ status, message, fix }: Check, columns: number): string[] => [
  wrapped(message, columns, `  ${WORD[status]}  `),
  ...(fix === undefined ? [] : [wrapped(fix, columns, '        cure: ', ' '.repeat(10))]),
];

const nearestFolder = (): string => process.cwd();

/** Whose source it is: what a stack's account says, or whether a folder's calls are made up. */
const targetOf = async (options: DoctorOptions): Promise<SourceTarget> => {
  if (options.stack === undefined) {
    const mark = await readMark(resolve(options.data));
    return { real: typeof mark === 'object' && mark.source !== SIMULATED };
  }
  const account = await withPlace(options, async (place) => accountOf(place, options.account)).catch(
    // What is wrong with the stack is said by the checks of the place.
    (thrown: unknown) => {
      if (thrown instanceof Failure && thrown.code !== 'account-unknown') return undefined;
      throw thrown;
    },
  );
  return { account, real: true };
};

/** Credentials, AWS and data: of the folder or the stack, where there is one; and what its data say of the source. */
const placeChecks = async (
  options: DoctorOptions,
  findings: SourceFindings | undefined,
): Promise<{ checks: Check[]; answers: readonly Answer[] }> => {
  const aws = checksOf('aws');
  const answers = findings?.answers ?? [];
  if (options.stack === undefined && (await readDoor(resolve(options.data))) === undefined)
    return {
      answers,
      checks: [
        aws.skip(
          'place',
          'no start has worked in this data folder',
          'npx smartflo-cdr start --once, or --stack',
        ),
      ],
    };
  try {
    return await withPlace(options, async (place) => {
      const status = await placeStatus(place);
      const known = await answersOf(place, options, answers);
      if (findings && known.length > 0) await record(place, { ...findings, answers: known });
      return {
        answers: known,
        checks: [
          ...credentialChecks(status),
          aws.ok('place', `${place.title} answers`),
          ...(await place.checks()),
          ...(await checkData(place, status)),
        ],
      };
    });
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (failure.code === 'unexpected') throw thrown;
    return { answers, checks: [aws.fail('place', `${failure.message}: ${failure.came}`, failure.cure)] };
  }
};

/** Those that were asked, with what the data tell in place of what no probe can. */
const answersOf = async (
  place: Place,
  options: DoctorOptions,
  asked: readonly Answer[],
): Promise<readonly Answer[]> => {
  if (asked.length === 0) return asked;
  const names = accountsOf(place, options.account).map(({ name }) => name);
  const measured = await measuredAnswers(place, names);
  return asked.map(
    (answer) => measured.find(({ question }) => answer.unasked && question === answer.question) ?? answer,
  );
};

const credentialChecks = ({ accounts }: PlaceStatus): Check[] => {
  const { ok, warn, fail, skip } = checksOf('credentials');
  return accounts.map(({ account, breaker, credentialDaysLeft }): Check => {
    const id = `credential-${account}`;
    if (breaker !== undefined)
      return fail(
        id,
        `${account}: the credential was refused (${breaker}), nothing is asked with it`,
        'put the right one into the secret',
      );
    if (credentialDaysLeft === undefined)
      return skip(id, `${account}: the source has not told when it expires`);
    const text = `${account}: the password expires in ${credentialDaysLeft} days`;
    return credentialDaysLeft > 14
      ? ok(id, text)
      : warn(id, text, 'change it at Smartflo, then in the secret');
  });
};

/** Where the newest answers of the source are kept, for whoever asks later what was found. */
const record = async (place: Place, { source, answers, settings }: SourceFindings): Promise<void> => {
  const key = 'doctor/source.json';
  const before = await place.objects.read(key);
  const found = { version: 1, at: new Date().toISOString(), source, settings, answers };
  await place.objects.replace(key, Buffer.from(`${JSON.stringify(found, undefined, 2)}\n`), before?.version);
};

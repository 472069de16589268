import { resolve } from 'node:path';
import { readDoor } from '../../local/door.ts';
import { wrapped } from '../columns.ts';
import { type Check, checksOf, GROUPS } from '../doctor/check.ts';
import { checkConfiguration } from '../doctor/configuration.ts';
import { checkData } from '../doctor/data.ts';
import { checkMachine } from '../doctor/machine.ts';
import { checkSource, type SourceFindings } from '../doctor/source.ts';
import { PROBE_REQUESTS } from '../doctor/source-probes.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { withPlace } from '../place/open-place.ts';
import type { Place, PlaceOptions } from '../place/place.ts';
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
  let findings: SourceFindings | undefined;
  if (options.source) {
    terminal.say(`asking the source, ${PROBE_REQUESTS} requests at most`);
    findings = await checkSource(process.env, (requests) =>
      terminal.stand(`asking the source: ${requests} of at most ${PROBE_REQUESTS} requests`),
    );
    terminal.stand('');
    checks.push(...findings.checks);
  } else checks.push(checksOf('source').skip('source', 'not asked', 'leave out --no-source'));
  checks.push(...(await placeChecks(options, findings)));
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
      answers: findings?.answers ?? [],
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
  terminal.say(`next: ${first?.fix ?? 'npx smartflo-cdr prove'}`);
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
  ...(fix === undefined
    ? []
    : [wrapped(fix, columns, `        ${status === 'skip' ? 'why' : 'cure'}: `, ' '.repeat(10))]),
];

const nearestFolder = (): string => process.cwd();

/** Credentials, AWS and data: of the folder or the stack, where there is one. */
const placeChecks = async (
  options: DoctorOptions,
  findings: SourceFindings | undefined,
): Promise<Check[]> => {
  const aws = checksOf('aws');
  if (options.stack === undefined && (await readDoor(resolve(options.data))) === undefined)
    return [
      aws.skip(
        'place',
        'no start has worked in this data folder',
        'npx smartflo-cdr start --once, or --stack',
      ),
    ];
  try {
    return await withPlace(options, async (place) => {
      const status = await placeStatus(place);
      if (findings && findings.answers.length > 0) await record(place, findings);
      return [
        ...credentialChecks(status),
        aws.ok('place', `${place.title} answers`),
        ...(await place.checks()),
        ...(await checkData(place, status)),
      ];
    });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return [aws.fail('place', `${thrown.message}: ${thrown.came}`, thrown.cure)];
  }
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
const record = async (place: Place, { answers, settings }: SourceFindings): Promise<void> => {
  const key = 'doctor/source.json';
  const before = await place.objects.read(key);
  const found = { version: 1, at: new Date().toISOString(), settings, answers };
  await place.objects.replace(key, Buffer.from(`${JSON.stringify(found, undefined, 2)}\n`), before?.version);
};

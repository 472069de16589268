import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT, EXIT_MEANING } from '../../cli/exit-codes.ts';
import { EXPLANATIONS } from '../../cli/explanations.ts';
import { Failure, report, toFailure } from '../../cli/failure.ts';
import { parseIstInstant } from '../../cli/ist-instant.ts';
import { runCommand } from '../../cli/main.ts';
import { nearest } from '../../shared/core/nearest.ts';
import { troubleFailure, troubleLine } from '../../cli/source-trouble.ts';
import { StartView } from '../../cli/start-view.ts';
import { Terminal } from '../../cli/terminal.ts';

/** A stream that is no terminal, and what was written to it. */
const pipe = () => {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  return { stream, text: () => (stream as unknown as PassThrough).read()?.toString() ?? '' };
};

const runHere = async (...args: string[]) => {
  const stdout = pipe();
  const stderr = pipe();
  const manners = { plain: args.includes('--plain'), colour: true, json: args.includes('--json') };
  const terminal = new Terminal({ stdout: stdout.stream, stderr: stderr.stream }, {}, manners);
  const exit = await runCommand(args, terminal, new AbortController().signal).catch((thrown: unknown) =>
    report(terminal, toFailure(thrown), args.includes('--debug')),
  );
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};

describe('a run that is watched', () => {
  it('says that messages came back, once a minute', () => {
    const stderr = pipe();
    const streams = { stdout: pipe().stream, stderr: stderr.stream };
    const terminal = new Terminal(streams, {}, { plain: false, colour: false, json: false });
    let now = 0;
    const view = new StartView(terminal, { stream: false, data: 'data', now: () => now });
    for (now of [1_000, 2_000, 61_000]) view.hear({ kind: 'returned', messages: 2, reason: 'returned' });
    expect(stderr.text().match(/warning messages-returned: 2 messages/g)).toHaveLength(2);
  });
});

describe.skipIf(process.platform !== 'linux')('a standard output that is full', () => {
  it('is no success', () => {
    const full = openSync('/dev/full', 'w');
    const bin = fileURLToPath(new URL('../../cli/bin.cjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [bin, 'explain'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect({ status, stderr }).toEqual({
      status: EXIT.failed,
      stderr: expect.stringContaining('error output-lost'),
    });
  });
});

describe('an error that is thrown where nobody can catch it', () => {
  /** Throws as a library does from a callback, once the program listens for it. */
  const thrower = (code: string, message: string) => `
    const on = process.on.bind(process);
    process.on = (name, listener) => {
      if (name === 'uncaughtException')
        setImmediate(() => { throw Object.assign(new Error(${JSON.stringify(message)}), { code: '${code}' }); });
      return on(name, listener);
    };`;

  it.each([
    ['LEVEL_IO_ERROR', 'IO error: /d/000003.log: No space left on device', 'disk-full'],
    ['ENOSPC', 'ENOSPC: no space left on device, write', 'disk-full'],
    ['EWHATEVER', 'something else', 'unexpected'],
  ])('ends in four parts: %s', (code, message, told) => {
    const preload = `data:text/javascript,${encodeURIComponent(thrower(code, message))}`;
    const bin = fileURLToPath(new URL('../../cli/bin.cjs', import.meta.url));
    const ended = spawnSync(process.execPath, ['--import', preload, bin, 'trigger', 'late', '--json'], {
      encoding: 'utf8',
    });
    expect(ended.stderr).toMatch(
      new RegExp(`^error ${told}: .*\n  came    ${message}\n  wanted .*\n  cure `, 'm'),
    );
    expect(ended.stderr).not.toContain('    at ');
    expect(JSON.parse(ended.stdout)).toMatchObject({ schema: 'error/1', code: told, exit: 1 });
    expect(ended.status).toBe(1);
  });
});

describe('the command line', () => {
  it.each([
    [['strat'], 'start'],
    [['start', '--onse'], '--once'],
    [['plan', '--pag', '3'], '--page'],
    [['explain', 'not-all-arived'], 'not-all-arrived'],
  ])('%j is answered with the nearest: %s', async (args, near) => {
    const { exit, stdout, stderr } = await runHere(...args);
    expect({ exit, stdout }).toEqual({ exit: EXIT.usage, stdout: '' });
    expect(stderr).toContain(near);
  });

  it('never repeats a value that was typed, for it may be a secret', async () => {
    const { stderr } = await runHere('start', '--token', 'hunter2', '--password=hunter2');
    expect(stderr).toContain('--token');
    expect(stderr).not.toContain('hunter2');
  });

  it.each([
    ['start', '--from', '2024-02-30'],
    ['start', '--to', 'yesterday'],
    ['plan', '--rate', '0'],
    ['plan', '--page', 'x'],
    ['cost', '--accounts', '1.5'],
    ['cost', '--region', 'mars'],
    ['start', '--from', '2024-05-10', '--to', '2024-05-09'],
    ['start', '--from', '2999-01-01', '--once'],
    [],
  ])('%s %s %s is a usage error', async (...args) => {
    expect((await runHere(...args)).exit).toBe(EXIT.usage);
  });

  it.each([
    '--help',
    'start --help',
    'status --help',
    'plan --help',
    'cost --help',
    'explain --help',
    'query --help',
    'report --help',
  ])('%s: examples first, 40 lines at most', async (line) => {
    const { exit, stdout, stderr } = await runHere(...line.split(' '));
    expect({ exit, stderr }).toEqual({ exit: EXIT.ok, stderr: '' });
    expect(stdout).toMatch(/^Examples:\n {2}npx smartflo-cdr/);
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('under --json every command gives one document with a schema, errors too', async () => {
    for (const args of [
      ['explain'],
      ['explain', 'auth'],
      ['plan'],
      ['status', '--data', 'no-such-folder'],
      ['strat'],
      ['explain', 'nothing-like-it'],
    ]) {
      const { stdout } = await runHere(...args, '--json');
      expect(JSON.parse(stdout).schema).toMatch(/^[a-z]+\/\d+$/);
    }
  });

  it.each([
    ['dead-letters', 'one of list, show, redrive'],
    ['quarantine', 'one of list, show, retry'],
    ['config', 'one of show'],
  ])('%s alone is asked what', async (group, wanted) => {
    const { exit, stderr } = await runHere(group);
    expect(exit).toBe(EXIT.usage);
    expect(stderr).toContain(`error usage: ${group} what?`);
    expect(stderr).toContain(wanted);
  });

  it('says what does not fit by figure, and ends with a finding', async () => {
    const { exit, stdout } = await runHere('plan', '--calls-per-minute', '20000');
    expect(exit).toBe(EXIT.finding);
    expect(stdout).toMatch(/DOES NOT FIT: needs [\d.,]+ requests a second, may take 1/);
  });
});

describe('failures', () => {
  const failure = new Failure('not-all-arrived', 'it did not', {
    came: 'this',
    wanted: 'that',
    cure: 'npx cure',
    exit: EXIT.finding,
  });

  it('have four parts, the log, and the way to more', async () => {
    const stdout = pipe();
    const stderr = pipe();
    failure.log = '/d/log';
    const terminal = new Terminal(
      { stdout: stdout.stream, stderr: stderr.stream },
      {},
      { plain: false, colour: true, json: true },
    );
    expect(report(terminal, failure, false)).toBe(EXIT.finding);
    expect(stderr.text()).toBe(
      [
        'error not-all-arrived: it did not',
        '  came    this',
        '  wanted  that',
        '  cure    npx cure',
        '  log     /d/log',
        '  more    npx smartflo-cdr explain not-all-arrived',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(stdout.text())).toMatchObject({ schema: 'error/1', code: 'not-all-arrived', exit: 3 });
  });

  it.each([
    Object.assign(new Error('not authorized to perform: dynamodb:Query'), {
      name: 'AccessDeniedException',
      $metadata: {},
    }),
    Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    }),
  ])('of AWS are no defects of this program: $name', (thrown) => {
    const refused = toFailure(thrown);
    expect(refused).toMatchObject({ code: 'aws-refused', exit: EXIT.awsRefused });
    expect(refused.came).toBe(`${thrown.name}: ${thrown.message}`);
    expect(toFailure(new Error('boom'))).toMatchObject({ code: 'unexpected', exit: EXIT.failed });
  });

  it('show a stack only when asked', async () => {
    const thrown = toFailure(new Error('boom'));
    for (const debug of [false, true]) {
      const stderr = pipe();
      report(
        new Terminal(
          { stdout: pipe().stream, stderr: stderr.stream },
          {},
          { plain: false, colour: true, json: false },
        ),
        thrown,
        debug,
      );
      expect(stderr.text().includes('cli-commands.test.ts')).toBe(debug);
    }
  });

  it.each([
    ['auth', EXIT.credentials],
    ['rate-limited', EXIT.sourceRefused],
    ['source-down', EXIT.sourceRefused],
    ['source-ignores-window', EXIT.sourceRefused],
    ['busy', EXIT.declined],
    ['failed', EXIT.failed],
  ] as const)('%s ends with %s and is explained', (outcome, exit) => {
    expect(troubleFailure({ outcome }).exit).toBe(exit);
    expect(EXPLANATIONS[outcome]?.cure).toBeTruthy();
  });

  it('of a locked login are about the credential, though the poller waits', () => {
    expect(troubleLine('rate-limited', 'login-locked')).toMatch(/^warning login-locked: .* login/);
    expect(troubleLine('rate-limited', undefined)).toMatch(/^warning rate-limited: .* slow down/);
    expect(troubleFailure({ outcome: 'rate-limited', reason: 'login-locked' })).toMatchObject({
      code: 'login-locked',
      exit: EXIT.credentials,
      came: EXPLANATIONS['login-locked']?.meaning.match(/^What came: (.*?)\. /)?.[1],
    });
  });

  it('have exit codes that never change', () => {
    expect(EXIT).toEqual({
      ok: 0,
      failed: 1,
      usage: 2,
      finding: 3,
      credentials: 4,
      sourceRefused: 5,
      awsRefused: 6,
      declined: 7,
      interrupted: 130,
    });
    expect(
      Object.keys(EXIT_MEANING)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Object.values(EXIT));
  });
});

describe('times as people type them', () => {
  it.each([
    ['2024-05-09', '2024-05-08T18:30:00Z'],
    ['2024-05-09 11:52', '2024-05-09T06:22:00Z'],
    ['2024-05-09T11:52:14', '2024-05-09T06:22:14Z'],
  ])('%s is %s', (text, wanted) => {
    expect(parseIstInstant(text)).toBe(Date.parse(wanted));
  });

  it.each(['', '2024-5-9', '2024-02-30', '2024-05-09 24:00', '2024-05-09 11', '09-05-2024', 'now'])(
    '%j is none',
    (text) => {
      expect(parseIstInstant(text)).toBeUndefined();
    },
  );
});

describe('the nearest word', () => {
  it('is found within two in five letters', () => {
    expect([nearest('statsu', ['start', 'status']), nearest('zzz', ['start']), nearest('x', [])]).toEqual([
      'status',
      undefined,
      undefined,
    ]);
  });
});

it('every code with which the source client gives up is explained', async () => {
  const adapters = new URL('../../shared/adapters/', import.meta.url).pathname;
  const codes = new Set<string>(['json-not-object']);
  for (const name of await readdir(adapters)) {
    if (!/^(smartflo-|bounded-|authorised-).*\.ts$/.test(name)) continue;
    const text = await readFile(join(adapters, name), 'utf8');
    const kinds = "lasting\\(|(?:refusal|SourceError)\\(\\s*'(?:transient|contract|poison|rate-limited)',";
    for (const [, code = ''] of text.matchAll(new RegExp(`(?:${kinds})\\s*'([a-z0-9-]+)'`, 'g')))
      codes.add(code);
  }
  expect(codes).toContain('source-slow');
  expect(codes).toContain('redirected');
  expect([...codes].filter((code) => !Object.hasOwn(EXPLANATIONS, code))).toEqual([]);
});

it('a reason that nobody foresaw is told, under a code that is explained', () => {
  for (const outcome of ['failed', 'source-down', 'rate-limited', 'auth'] as const) {
    const failure = troubleFailure({ outcome, reason: 'queue-refused-AccessDenied' });
    expect(failure).toMatchObject({ code: outcome, came: 'queue-refused-AccessDenied' });
  }
});

it('every code that a failure can have is explained', async () => {
  const codes = new Set<string>();
  const root = new URL('../../', import.meta.url).pathname;
  for (const folder of ['cli', 'local'])
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      const text = await readFile(join(root, folder, name), 'utf8');
      for (const [, code = ''] of text.matchAll(/new Failure\(\s*'([a-z0-9-]+)'/g)) codes.add(code);
    }
  expect(codes.size).toBeGreaterThan(10);
  expect([...codes].filter((code) => !Object.hasOwn(EXPLANATIONS, code))).toEqual([]);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OFFICIAL } from '../../local/fake-smartflo/official.ts';
import { startFakeSmartflo } from '../../local/fake-smartflo/server.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { HOUR, istStamp } from '../../shared/core/time.ts';

const BIN = new URL('../../cli/bin.cjs', import.meta.url).pathname;
/** Of a day that is whole in operator.test.ts, what is called around the official record: enough, and a fifth of the work. */
const SPAN = ['--from', '2024-05-09 09:00:00', '--to', '2024-05-09 12:00:00'];

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'start-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command, its streams piped and stdin closed. `whenSaid` hears every line of stderr. */
const run = (
  args: readonly string[],
  env: Record<string, string> = {},
  whenSaid: (line: string, child: ChildProcess) => void = () => {},
  folder: readonly string[] = ['--data', data],
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args, ...folder], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      stderr += `${line}\n`;
      whenSaid(line, child);
    });
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr }));
  });

const filesUnder = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('start --once over a span', () => {
  it('brings the official record, byte for byte, into archive, index and bus; a second run sends nothing', async () => {
    const first = await run(['start', '--once', ...SPAN, '--json']);
    expect(first.exit, first.stderr).toBe(0);
    expect(first.stderr).toContain('SIMULATED');
    const document = JSON.parse(first.stdout);
    expect(document).toMatchObject({ schema: 'start/1', complete: true, exit: 0 });
    const { records } = document.comparison.archive;
    expect(records).toBeGreaterThan(1_000);
    expect(document.comparison).toMatchObject({
      agrees: true,
      index: { records },
      events: { records },
      quarantined: 0,
    });
    expect(document.status.figures).toMatchObject({ waiting: 0, deadLetters: 0 });

    const folder = join(data, 'raw', 'account=main', 'dt=2024-05-09');
    const lines = (await Promise.all((await filesUnder(folder)).map((file) => readFile(file)))).flatMap(
      (bytes) => unzipLines(bytes),
    );
    expect(lines.filter((line) => line === OFFICIAL.raw)).toHaveLength(1);
    const events = (
      await Promise.all((await filesUnder(join(data, 'events'))).map((file) => readFile(file, 'utf8')))
    ).join('');
    const published = events.split('\n').filter((line) => line.includes(`"id":"${OFFICIAL.id}"`));
    expect(published).toHaveLength(1);
    expect(JSON.parse(published[0] ?? '')).toMatchObject({
      'detail-type': 'CallCreated',
      detail: {
        summary: { status: 'answered', direction: 'inbound', startAtIst: '2024-05-09T11:52:14.000+05:30' },
      },
    });
    expect(events).not.toContain('919650134255');

    const second = await run(['start', '--once', ...SPAN, '--json']);
    expect(second.exit, second.stderr).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({
      run: { sent: 0, events: 0 },
      comparison: { archive: { records } },
    });
  });
});

describe('a start that watches', () => {
  /** Enough calls to look at. */
  const lastHour = () => ['--from', istStamp(Date.now() - HOUR)];

  it('streams lines of JSON, and two quick signals are one: a summary and exit 0', async () => {
    let stopped = false;
    const { exit, stdout, stderr } = await run(['start', '--json', ...lastHour()], {}, (line, child) => {
      if (stopped || !line.startsWith('now live')) return;
      stopped = true;
      child.kill('SIGINT');
      child.kill('SIGINT');
    });
    expect(exit, stderr).toBe(0);
    expect(stderr.match(/^ended after/gm)).toHaveLength(1);
    const schemas = new Set(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).schema),
    );
    expect(schemas).toEqual(new Set(['call/1', 'tick/1', 'summary/1']));
    // What is offered to try works on this folder.
    const offered = [...stderr.matchAll(/^try +npx smartflo-cdr (.+)$/gm)].map(([, words = '']) => words);
    expect(offered.map((words) => words.split(' ')[0])).toEqual(['query', 'prove', 'trigger', 'report']);
    for (const words of offered.filter((one) => /^(query|report) /.test(one))) {
      const out = words.startsWith('report') ? ['--out', join(data, 'calls.html')] : [];
      const tried = await run([...words.split(' '), ...out], {}, undefined, []);
      expect(tried.exit, `${words}: ${tried.stderr}`).toBe(0);
    }
    const status = await run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ schema: 'status/1', running: false, phase: 'stopped' });
  });

  it('says nothing more after its summary, which counts all that it has published', async () => {
    let stopped = false;
    const { exit, stdout, stderr } = await run(['start', '--json'], {}, (line, child) => {
      // The first call: a day of them is still on its way.
      if (stopped || !/^\d\d:\d\d:\d\d /.test(line)) return;
      stopped = true;
      child.kill('SIGINT');
    });
    expect(exit, stderr).toBe(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^next: /);
    expect(stderr).not.toMatch(/^warning/m);
    expect(stderr).toMatch(/^requests .*cut off$/m);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ schema: 'summary/1', status: { figures: { errors: 0 } } });
    const files = await filesUnder(join(data, 'events'));
    const lines = await Promise.all(files.map(async (file) => (await readFile(file, 'utf8')).split('\n')));
    expect(lines.flat().filter((line) => line !== '')).toHaveLength(last.run.events);
  });

  it('holds its folder alone, and tells a second start so', async () => {
    let second: Promise<Ended> | undefined;
    const first = await run(['start', ...lastHour()], {}, (line, child) => {
      if (!line.startsWith('stop ')) return;
      second = run(['start']).finally(() => child.kill('SIGINT'));
    });
    expect(await second).toMatchObject({
      exit: 7,
      stdout: '',
      stderr: expect.stringContaining('data-folder-in-use'),
    });
    expect(first.exit, first.stderr).toBe(0);
  });
});

describe('wrong credentials', () => {
  it('give one plain sentence with the cure, one login attempt and exit 4, and none at all the next time', async () => {
    const fake = await startFakeSmartflo({ seed: 1 });
    try {
      const env = {
        SMARTFLO_BASE_URL: fake.url,
        SMARTFLO_EMAIL: 'fake-login',
        SMARTFLO_PASSWORD: 'not-the-password',
      };
      for (const attempt of [1, 2]) {
        const { exit, stdout, stderr } = await run(['start', '--once', ...SPAN], env);
        expect({ exit, stdout }, `${attempt}: ${stderr}`).toEqual({ exit: 4, stdout: '' });
        expect(stderr).toMatch(/^error [a-z-]+: Smartflo refused the credential/m);
        expect(stderr).toMatch(/^ {2}cure {4}set SMARTFLO_TOKEN/m);
        expect(stderr).not.toContain('not-the-password');
        expect(fake.requests.map(({ path }) => path)).toEqual(['/v1/auth/login']);
      }
    } finally {
      await fake.close();
    }
  });

  it('that have locked the account are told at once, and are not tried again', async () => {
    const fake = await startFakeSmartflo({ seed: 1, knobs: { auth: { lockAfter: 1 } } });
    try {
      const env = { SMARTFLO_BASE_URL: fake.url, SMARTFLO_EMAIL: 'fake-login', SMARTFLO_PASSWORD: 'wrong' };
      for (const attempt of [1, 2]) {
        const { exit, stderr } = await run(['start', '--once', ...SPAN], env);
        expect(exit, `${attempt}: ${stderr}`).toBe(4);
        expect(stderr).toContain('error login-locked');
        expect(fake.requests.map(({ path }) => path)).toEqual(['/v1/auth/login']);
      }
    } finally {
      await fake.close();
    }
  });

  it('are told apart from none: half of one never turns into simulated calls', async () => {
    const { exit, stderr } = await run(['start', '--once'], { SMARTFLO_EMAIL: 'somebody' });
    expect(exit).toBe(4);
    expect(stderr).toContain('error credential-incomplete');
  });
});

/** Writes a line when the program behind bin.cjs begins to load. */
const TELL_OF_MAIN = `import { writeSync } from 'node:fs'; import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) {
  if (url.endsWith('/cli/main.ts')) writeSync(2, 'the program is loaded\\n');
  return next(url, context);
} });`;

describe('the first line', () => {
  it('comes before anything heavy is loaded', async () => {
    const { stderr } = await run(['start', '--once', '--from', '2024-05-10', '--to', '2024-05-09'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELL_OF_MAIN)}`,
    });
    expect(stderr).toMatch(/^smartflo-cdr \S+: starting\nthe program is loaded\nerror /);
  });
});

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startEmbeddedAws } from '../../local/embedded/aws.ts';
import { provision } from '../../local/provision.ts';
import { SynthesisFailed, synthesise } from '../../local/synthesis.ts';
import { RULE_REPORT } from '../support/stacks.ts';

/** Ends every Node process below that opens a connection. */
const NO_NETWORK = `import net from 'node:net'; net.Socket.prototype.connect = () => { process.stderr.write('tried to connect'); process.exit(86); };`;

let folder: string;
let outDir: string;
let first: { cached: boolean };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'synthesis-'));
  outDir = join(folder, 'cdk.out');
  vi.stubEnv('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(NO_NETWORK)}`);
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  first = await synthesise(outDir);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rm(folder, { recursive: true }));

test('it needs no network, no account and no edit, and gives bundles that exist', async () => {
  expect(first.cached).toBe(false);
  expect(existsSync(join(outDir, RULE_REPORT))).toBe(false);
  const aws = await startEmbeddedAws();
  try {
    const { functions, schedules, eventSources, ignored } = await provision(outDir, aws);
    expect(functions.map(({ name }) => name).sort()).toEqual(['compactor', 'consumer', 'poller', 'prover']);
    // What a bundle weighs is paid at every cold start. In KB of 1,000 bytes 606, 477, 539 and 519 were measured.
    // The compactor starts twice an hour: 106 of its KB are Parquet, 50 the client by which it moves Athena's view.
    const limitsKb: Record<string, number> = { compactor: 610, consumer: 485, poller: 540, prover: 525 };
    for (const { name, assetDir } of functions) {
      const { size } = await stat(join(assetDir, 'index.mjs'));
      expect(size / 1000, name).toBeGreaterThan(100);
      expect(size / 1000, name).toBeLessThan(limitsKb[name] ?? 0);
    }
    expect([schedules.length, eventSources.length, ignored]).toEqual([3, 1, []]);
  } finally {
    await aws.close();
  }
});

test('what is there from the same sources is used; another context, or another file that it names, makes it anew', async () => {
  expect(await synthesise(outDir)).toEqual({ cached: true });
  const file = join(folder, 'named.json');
  const bare = { 'aws:cdk:bundling-stacks': [], smartflo: file };
  await writeFile(file, '{}');
  expect(await synthesise(outDir, bare)).toEqual({ cached: false });
  expect(await synthesise(outDir, bare)).toEqual({ cached: true });
  await writeFile(file, '{"keep": false}');
  expect(await synthesise(outDir, bare)).toEqual({ cached: false });
});

test('what another process has moved into place meanwhile stays: functions run from there', async () => {
  const bare = { 'aws:cdk:bundling-stacks': [] };
  const [shared, others] = [join(folder, 'shared', 'out'), join(folder, 'others')];
  await synthesise(shared, bare);
  await rename(shared, others);
  const twice = [synthesise(shared, bare), synthesise(shared, bare)];
  // It is under way when its own folder is there.
  await vi.waitFor(async () => expect(await readdir(join(folder, 'shared'))).toHaveLength(1), 20_000);
  await writeFile(join(others, 'running-from-here'), '');
  await rename(others, shared);
  await Promise.all(twice);
  expect(existsSync(join(shared, 'running-from-here'))).toBe(true);
  expect(await readdir(join(folder, 'shared'))).toEqual(['out']);
});

test('a block that does not fit ends it with the place and the cure, and leaves what was there', async () => {
  const failed = synthesise(join(folder, 'bad'), { smartflo: { acounts: [] } });
  await expect(failed).rejects.toBeInstanceOf(SynthesisFailed);
  await expect(failed).rejects.toThrow(
    /^The context "smartflo" \(cdk\.json\) does not fit:\n {2}smartflo\.acounts: got an unknown key; did you mean accounts\?$/,
  );
  expect(existsSync(join(folder, 'bad'))).toBe(false);
});

import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/exit-codes.ts';
import { lockFile, openDataFolder } from '../../local/data-folder.ts';
import { isLocked } from '../../local/data-lock.ts';
import { chooseSource } from '../../local/source-choice.ts';

const now = new Date('2026-11-23T10:00:00Z');
const source = 'simulated';
let parent: string;
let root: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'data-folder-'));
  root = join(parent, 'data');
});
afterEach(() => rm(parent, { recursive: true }));

describe('the data folder', () => {
  it('is made, private, and held by one start', async () => {
    const folder = await openDataFolder(root, { fresh: false, source, now });
    expect(((await stat(root)).mode & 0o777).toString(8)).toBe(process.platform === 'win32' ? '777' : '700');
    expect(isLocked(lockFile(root))).toBe(true);
    await expect(openDataFolder(root, { fresh: true, source, now })).rejects.toMatchObject({
      code: 'data-folder-in-use',
      exit: EXIT.declined,
    });
    folder.release();
    expect(isLocked(lockFile(root))).toBe(false);
    (await openDataFolder(root, { fresh: false, source, now })).release();
  });

  it('stays out of commits wherever it lies, also what was set aside in it', async () => {
    const git = (...args: string[]) => spawnSync('git', args, { cwd: parent, encoding: 'utf8' }).stdout;
    git('init', '--quiet');
    (await openDataFolder(root, { fresh: false, source, now })).release();
    await writeFile(join(root, 'call'), 'a number');
    expect(git('status', '--short', '--untracked-files=all')).toBe('');
    (await openDataFolder(root, { fresh: true, source, now })).release();
    expect(await readdir(root)).toContain('set-aside');
    expect(git('status', '--short', '--untracked-files=all')).toBe('');
    expect(git('check-ignore', 'data/call', 'data/set-aside/x').trim().split('\n')).toHaveLength(2);
  });

  it('is gone on with by the next start', async () => {
    (await openDataFolder(root, { fresh: false, source, now })).release();
    await writeFile(join(root, 'kept'), 'kept');
    const again = await openDataFolder(root, { fresh: false, source, now });
    again.release();
    expect(again.setAside).toBeUndefined();
    expect(await readdir(root)).toContain('kept');
  });

  it.each([
    ['asked', true, '{"format":1,"source":"simulated","salt":"00"}'],
    ['other-version', false, '{"format":0}'],
    ['other-version', false, 'no json'],
  ])('is set aside inside itself: %s (%s, %s)', async (why, fresh, mark) => {
    (await openDataFolder(root, { fresh: false, source, now })).release();
    await writeFile(join(root, 'kept'), 'kept');
    await writeFile(join(root, 'state.json'), mark);
    const folder = await openDataFolder(root, { fresh, source, now });
    folder.release();
    expect(folder.setAside?.why).toBe(why);
    expect(await readdir(folder.setAside?.to ?? '')).toEqual(['kept', 'state.json']);
    expect(await readdir(root)).not.toContain('kept');
  });

  it.skipIf(process.platform !== 'linux')('is refused where no folder can be made', async () => {
    await expect(openDataFolder('/proc/nothing/here', { fresh: false, source, now })).rejects.toMatchObject({
      code: 'data-folder-unwritable',
    });
  });

  it('never mixes simulated and real calls', async () => {
    (await openDataFolder(root, { fresh: false, source, now })).release();
    await expect(openDataFolder(root, { fresh: false, source: 'api.example', now })).rejects.toMatchObject({
      code: 'data-folder-other-source',
      exit: EXIT.usage,
    });
    (await openDataFolder(root, { fresh: true, source: 'api.example', now })).release();
  });

  it('remembers where fetching began', async () => {
    const folder = await openDataFolder(root, { fresh: false, source, now });
    await folder.remember(7);
    folder.release();
    const again = await openDataFolder(root, { fresh: false, source, now });
    again.release();
    expect(again.mark).toEqual({ ...folder.mark, fetchFrom: 7 });
  });

  it("is refused, untouched, where it is somebody else's", async () => {
    await writeFile(join(parent, 'letter'), 'dear');
    await expect(openDataFolder(parent, { fresh: true, source, now })).rejects.toMatchObject({
      code: 'data-folder-foreign',
      exit: EXIT.usage,
    });
    expect(await readdir(parent)).toEqual(['letter']);
  });

  it('is refused in words where it can not be made', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(
      openDataFolder(join(parent, 'file', 'data'), { fresh: false, source, now }),
    ).rejects.toMatchObject({
      code: 'data-folder-unwritable',
    });
  });
});

describe('whom the environment asks', () => {
  it('is nobody real without a credential', () => {
    expect(chooseSource({})).toEqual({ simulated: true });
    expect(chooseSource({ SMARTFLO_TOKEN: ' ', SMARTFLO_RPS: '7' })).toEqual({ simulated: true });
  });

  it('is the real API with one', () => {
    expect(chooseSource({ SMARTFLO_TOKEN: 't', SMARTFLO_RPS: '0.5' })).toMatchObject({
      secret: '{"token":"t"}',
      requestsPerSecond: 0.5,
      baseUrl: undefined,
    });
    expect(
      chooseSource({ SMARTFLO_EMAIL: 'e', SMARTFLO_PASSWORD: 'p', SMARTFLO_BASE_URL: 'http://127.0.0.1:9/' }),
    ).toMatchObject({
      secret: '{"email":"e","password":"p"}',
      baseUrl: 'http://127.0.0.1:9',
    });
  });

  it('is refused for a masked token, and a pasted Bearer is taken off', () => {
    expect(() => chooseSource({ SMARTFLO_TOKEN: 'eyJh****' })).toThrow(
      expect.objectContaining({ code: 'credential-unusable', exit: EXIT.credentials }),
    );
    expect(chooseSource({ SMARTFLO_TOKEN: 'Bearer t' })).toMatchObject({ secret: '{"token":"t"}' });
  });

  it.each([{ SMARTFLO_EMAIL: 'e' }, { SMARTFLO_PASSWORD: 'p' }, { SMARTFLO_BASE_URL: 'https://x.example' }])(
    'is refused for half a credential: %j',
    (env) => {
      expect(() => chooseSource(env)).toThrow(
        expect.objectContaining({ code: 'credential-incomplete', exit: EXIT.credentials }),
      );
    },
  );

  it.each([
    { SMARTFLO_BASE_URL: 'http://example.com' },
    { SMARTFLO_BASE_URL: 'example.com' },
    { SMARTFLO_RPS: '-1' },
    { SMARTFLO_RPS: 'fast' },
  ])('is refused: %j', (env) => {
    expect(() => chooseSource({ SMARTFLO_TOKEN: 't', ...env })).toThrow(
      expect.objectContaining({ code: 'setting-invalid' }),
    );
  });
});

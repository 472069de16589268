import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Ms } from '../shared/core/time.ts';
import { Missing } from './stages.ts';
import { TOKEN } from './source.ts';

/** Programs that the comparison needs and this machine has not; empty where it can be made. */
export const absentPrograms = (): string[] =>
  ['sh', 'curl', 'jq', 'gzip'].filter(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error,
  );

/** `0m1.23s` as POSIX `times` prints it. */
const TIME = /(\d+)m([\d.]+)s/g;

const countLines = async (file: string): Promise<number> => {
  let lines = 0;
  for await (const chunk of createReadStream(file).pipe(createGunzip()))
    for (const byte of chunk as Buffer) if (byte === 0x0a) lines += 1;
  return lines;
};

const run = (command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    shell.once('error', reject);
    shell.once('close', (code) => (code === 0 ? resolve(said) : reject(new Missing(`${command}: ${code}`))));
  });

/**
 * The same requests by `curl | jq -c '.results[]' | gzip`: the CPU time of the three together, and what came out.
 * @param dir is there and holds what it writes
 */
export const fetchByShell = async (
  url: string,
  paths: readonly string[],
  dir: string,
): Promise<{ cpuMs: Ms; wallMs: Ms; lines: number }> => {
  const list = join(dir, 'urls.txt');
  const out = join(dir, 'records.ndjson.gz');
  await writeFile(list, paths.map((path) => `url = "${url}${path.replaceAll('"', '%22')}"\n`).join(''));
  const began = performance.now();
  const said = await run(
    `curl -sSf -g -H 'Authorization: Bearer ${TOKEN}' -K '${list}' | jq -c '.results[]' | gzip > '${out}'; times`,
  );
  const wallMs = performance.now() - began;
  // The second line is the children's user and system time.
  const [, ofChildren = ''] = said.trim().split('\n');
  const cpuMs = [...ofChildren.matchAll(TIME)].reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1_000 * Number(seconds),
    0,
  );
  return { cpuMs, wallMs, lines: await countLines(out) };
};

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProvisionedFunction } from '../local/provision.ts';
import type { Ms } from '../shared/core/time.ts';
import { BUNDLE } from './bundle.ts';
import { Missing, median } from './stages.ts';

/** What loading a bundle takes in a new process: Node's own start apart, and with it. */
export interface Load {
  readonly loadMs: Ms;
  readonly initMs: Ms;
}

const loadOnce = (fn: ProvisionedFunction, env: Readonly<Record<string, string>>): Promise<Load> =>
  new Promise((resolve, reject) => {
    const url = pathToFileURL(join(fn.assetDir, BUNDLE)).href;
    const script = `const b=performance.now();await import(${JSON.stringify(url)});const e=performance.now();console.log(JSON.stringify({loadMs:e-b,initMs:e}))`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...fn.environment, ...env, AWS_LAMBDA_FUNCTION_NAME: fn.name },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(said) as Load) : reject(new Missing(`${fn.name} does not load`)),
    );
  });

/** Medians over `rounds` new processes each, turn by turn, so that whatever else the machine does hits all alike. */
export const measureLoads = async (
  functions: readonly ProvisionedFunction[],
  env: Readonly<Record<string, string>>,
  rounds: number,
): Promise<Load[]> => {
  const loads = functions.map((): Load[] => []);
  // The first round only brings the files into the machine's cache.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [place, fn] of functions.entries()) {
      const load = await loadOnce(fn, env);
      if (round > 0) loads[place]?.push(load);
    }
  }
  return loads.map((found) => ({
    loadMs: median(found.map(({ loadMs }) => loadMs)),
    initMs: median(found.map(({ initMs }) => initMs)),
  }));
};

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const MODULE = new URL('../../shared/core/collect-young.ts', import.meta.url).href;

/** The most that lies about, in MB, while a hundred megabytes go by one after the other. */
const mostHeld = (...options: string[]): number => {
  const script = `
    import { collectYoung } from '${MODULE}';
    let most = 0;
    for (let one = 0; one < 100; one++) {
      collectYoung();
      Buffer.allocUnsafe(1_000_000).fill(one);
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    process.stdout.write(String(most / 1e6));`;
  const args = ['--no-warnings', ...options, '--input-type=module', '--eval', script];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
};

test('buffers that are no longer used go at once where Node lets them, and in their time elsewhere', () => {
  expect(mostHeld('--expose-gc')).toBeLessThan(5);
  expect(mostHeld()).toBeGreaterThan(20);
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const MODULE = new URL('../../shared/core/collect-garbage.ts', import.meta.url).href;

/** What a script that uses the module prints, run by a Node with these options. */
const printed = (script: string, options: readonly string[]): number => {
  const args = ['--no-warnings', ...options, '--input-type=module', '--eval', script];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
};

/** The most that lies about, in MB, while a hundred megabytes go by one after the other. */
const mostHeld = (...options: string[]): number =>
  printed(
    `
    import { collectYoung } from '${MODULE}';
    let most = 0;
    for (let one = 0; one < 100; one++) {
      collectYoung();
      Buffer.allocUnsafe(1_000_000).fill(one);
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    process.stdout.write(String(most / 1e6));`,
    options,
  );

/** Of the memory that a hundred megabytes of objects took, the part that the process still has when they are gone. */
const shareKept = (...options: string[]): number =>
  printed(
    `
    import { collectAll } from '${MODULE}';
    const before = process.memoryUsage.rss();
    let objects = Array.from({ length: 1_000_000 }, (_, number) => ({ number, text: 'x' + number }));
    const most = process.memoryUsage.rss();
    objects = undefined;
    collectAll();
    process.stdout.write(String((process.memoryUsage.rss() - before) / (most - before)));`,
    options,
  );

test('buffers that are no longer used go at once where Node lets them, and in their time elsewhere', () => {
  expect(mostHeld('--expose-gc')).toBeLessThan(5);
  expect(mostHeld()).toBeGreaterThan(20);
});

test('objects that are no longer used give their memory back where Node lets them, and in their time elsewhere', () => {
  expect(shareKept('--expose-gc')).toBeLessThan(0.4);
  expect(shareKept()).toBeGreaterThan(0.7);
});

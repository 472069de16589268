import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `Node ${process.version} runs the tests, and 24 is wanted: use \`npm test\`, which takes the project's own`,
  );
}

const project = (name: string, folders: string[], testTimeout: number) => ({
  name,
  include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
  testTimeout,
  hookTimeout: testTimeout,
});

/** By its own name the package is its sources here, not what is built for others (build/package.ts). */
const ALIAS = {
  'smartflo-cdr/consumers': fileURLToPath(new URL('consumers/index.ts', import.meta.url)),
  'smartflo-cdr/constructs': fileURLToPath(new URL('infra/consumers/cdr-consumer.ts', import.meta.url)),
};

/**
 * Node loads the sources itself, as it does for every command: with Vite's runner each use of an import costs a call,
 * and a simulation takes a quarter longer.
 */
const NATIVE = { experimental: { viteModuleRunner: false }, execArgv: ['--conditions=smartflo-cdr-sources'] };

export default defineConfig({
  test: {
    // Vitest's own default leaves one core to the terminal: of two that is half the machine.
    maxWorkers: '100%',
    globalSetup: 'test/support/scratch.ts',
    projects: [
      // Small files, of which most would spend their time on loading the same libraries.
      { test: { ...project('fast', ['unit', 'property'], 20_000), ...NATIVE, isolate: false } },
      { test: { ...project('contract', ['contract'], 30_000), ...NATIVE } },
      // A browser is unpacked first.
      { test: { ...project('browser', ['browser'], 60_000), ...NATIVE } },
      { test: { ...project('whole', ['simulation', 'integration'], 240_000), ...NATIVE } },
      // Loading the CDK and the first synthesis take seconds: its files share a process, and what is synthesised.
      { resolve: { alias: ALIAS }, test: { ...project('infra', ['infra'], 120_000), isolate: false } },
    ],
  },
});

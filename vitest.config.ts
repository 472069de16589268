import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `Node ${process.version} runs the tests, and 24 is wanted: use \`npm test\`, which takes the project's own`,
  );
}

/** By its own name the package is its sources here, not what is built for others (build/package.ts). */
const alias = {
  'smartflo-cdr/consumers': fileURLToPath(new URL('consumers/index.ts', import.meta.url)),
  'smartflo-cdr/constructs': fileURLToPath(new URL('infra/consumers/cdr-consumer.ts', import.meta.url)),
};

const project = (name: string, folders: string[], testTimeout: number, isolate = true) => ({
  resolve: { alias },
  test: {
    name,
    isolate,
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    testTimeout,
    hookTimeout: testTimeout,
  },
});

export default defineConfig({
  test: {
    // Vitest's own default leaves one core to the terminal: of two that is half the machine.
    maxWorkers: '100%',
    globalSetup: 'test/support/scratch.ts',
    projects: [
      project('fast', ['unit', 'property'], 20_000),
      project('contract', ['contract'], 30_000),
      // A browser is unpacked first.
      project('browser', ['browser'], 60_000),
      project('whole', ['simulation', 'integration'], 240_000),
      // Loading the CDK and the first synthesis take seconds: its files share a process, and what is synthesised.
      project('infra', ['infra'], 120_000, false),
    ],
  },
});

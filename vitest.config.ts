import { defineConfig } from 'vitest/config';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `Node ${process.version} runs the tests, and 24 is wanted: use \`npm test\`, which takes the project's own`,
  );
}

const project = (name: string, folders: string[], testTimeout: number) => ({
  test: {
    name,
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    testTimeout,
    hookTimeout: testTimeout,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('fast', ['unit', 'property'], 20_000),
      project('contract', ['contract'], 30_000),
      project('whole', ['simulation', 'integration'], 240_000),
      // The first synth of a process takes 4 to 11 s.
      project('infra', ['infra'], 120_000),
    ],
  },
});

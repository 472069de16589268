import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** A file, what it imports, and whether the layers allow that. */
const ARROWS: readonly (readonly [file: string, statement: string, allowed: boolean])[] = [
  ['shared/core/planted.ts', "import type { Account } from '../contract/account.ts';", false],
  ['shared/core/planted.ts', "import { readFileSync } from 'node:fs';", false],
  ['shared/core/planted.ts', "import { S3Client } from '@aws-sdk/client-s3';", false],
  ['shared/core/planted.ts', "import { hash } from 'node:crypto';", true],
  ['shared/contract/planted.ts', "import type { Queue } from '../ports/queue.ts';", false],
  ['shared/contract/planted.ts', "import { MINUTE } from '../core/time.ts';", true],
  ['shared/ports/planted.ts', "import type { X } from '../adapters/s3-object-store.ts';", false],
  ['shared/adapters/planted.ts', "import type { X } from '../../functions/poller/poll.ts';", false],
  ['shared/adapters/planted.ts', "import type { X } from '../../local/system.ts';", false],
  ['functions/poller/planted.ts', "import type { X } from '../../shared/adapters/sqs-queue.ts';", false],
  ['functions/poller/index.ts', "import { X } from '../../shared/adapters/sqs-queue.ts';", true],
  ['functions/poller/index.ts', "import type { X } from '../consumer/ingest.ts';", false],
  ['functions/consumer/planted.ts', "import type { X } from '../poller/poll.ts';", false],
  ['functions/consumer/planted.ts', "import type { X } from '../../test/support/consume.ts';", false],
  ['functions/consumer/planted.ts', "import type { X } from '../compactor/compact.ts';", false],
  ['functions/compactor/planted.ts', "import type { X } from '../consumer/ingest.ts';", false],
  ['functions/compactor/planted.ts', "import { X } from '../../shared/adapters/parquet-files.ts';", false],
  ['functions/compactor/index.ts', "import { X } from '../../shared/adapters/parquet-files.ts';", true],
  ['infra/planted.ts', "import type { X } from '../functions/poller/poll.ts';", false],
  ['infra/planted.ts', "import type { X } from '../functions/compactor/compact-day.ts';", false],
  ['infra/planted.ts', "import type { X } from '../functions/poller/env.ts';", true],
  ['infra/planted.ts', "import type { X } from '../shared/ports/queue.ts';", false],
  ['local/planted.ts', "import type { X } from '../functions/poller/poll.ts';", false],
  ['cli/planted.ts', "import type { X } from '../infra/config.ts';", false],
  ['cli/planted.ts', "import type { X } from '../local/system.ts';", true],
];

/** Of every arrow whether the linter complains: one run for all, each statement on a line of its own. */
const complaints = (): boolean[] => {
  const folder = mkdtempSync(join(tmpdir(), 'arrows-'));
  try {
    copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
    const written = new Map<string, string[]>();
    const places = ARROWS.map(([file, statement], number) => {
      const lines = written.get(file) ?? [];
      written.set(file, lines);
      // A name that is imported twice would be an error of its own, and end the file's check.
      return `${file}:${lines.push(statement.replace('{ X }', `{ X${number} }`))}:`;
    });
    for (const [file, lines] of written) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
    }
    const oxlint = resolve('node_modules/oxlint/bin/oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format=unix', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const said = stdout.split('\n').filter((line) => line.includes('no-restricted-imports'));
    return places.map((place) => said.some((line) => line.startsWith(place)));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const refused = complaints();

test.each(ARROWS.map((arrow, place) => [...arrow, place] as const))('%s: %s', (_, __, allowed, place) => {
  expect(refused[place]).toBe(!allowed);
});

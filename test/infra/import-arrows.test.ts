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

const complaints = (file: string, statement: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'arrows-'));
  try {
    copyFileSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), `${statement}\n`);
    const oxlint = resolve('node_modules/oxlint/bin/oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format=unix', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test.each(ARROWS)('%s: %s', (file, statement, allowed) => {
  expect(complaints(file, statement).includes('no-restricted-imports')).toBe(!allowed);
});

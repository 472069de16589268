import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { clientsOf, type EmbeddedClients } from '../../local/embedded/clients.ts';
import { startFakeSmartflo } from '../../local/fake-smartflo/server.ts';
import { openFolderAws } from '../../local/folder-aws.ts';
import { systemNames } from '../../local/system-names.ts';
import { cli } from './cli.ts';

/** The IST day that the world has fetched. */
export const DAY = '2024-05-09';
export const DAY_AFTER = '2024-05-10';

/** A data folder that holds one proven day, and the source that it came from. */
export interface OperatorWorld {
  readonly data: string;
  readonly fake: Awaited<ReturnType<typeof startFakeSmartflo>>;
  /** A command in this world: its exit code and the one document that it prints. */
  json(
    args: readonly string[],
  ): Promise<{ exit: number; stderr: string; document: ReturnType<typeof JSON.parse> }>;
  /** Works on the embedded AWS of the folder while no command runs. */
  atRest<T>(
    work: (parts: { clients: EmbeddedClients; names: ReturnType<typeof systemNames> }) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** Fetches the day through the whole path, as an operator's first command does. */
export const openOperatorWorld = async (): Promise<OperatorWorld> => {
  const data = await mkdtemp(join(tmpdir(), 'operator-'));
  const fake = await startFakeSmartflo({
    seed: 5,
    historyFrom: Date.parse('2024-05-01T00:00:00+05:30'),
    knobs: { calls: { callsPerMinute: 0.25 } },
  });
  vi.stubEnv('SMARTFLO_TOKEN', fake.knobs.auth.tokens[0]);
  vi.stubEnv('SMARTFLO_BASE_URL', fake.url);
  vi.stubEnv('SMARTFLO_RPS', '18');
  const { exit, stderr } = await cli(['start', '--once', '--from', DAY, '--to', DAY_AFTER, '--data', data]);
  if (exit !== 0) throw new Error(stderr);
  return {
    data,
    fake,
    async json(args) {
      const ended = await cli([...args, '--data', data, '--json']);
      try {
        return { exit: ended.exit, stderr: ended.stderr, document: JSON.parse(ended.stdout) };
      } catch {
        throw new Error(`no document came: ${ended.stdout}${ended.stderr}`);
      }
    },
    async atRest(work) {
      const aws = await openFolderAws(data);
      const clients = clientsOf({ env: { ...aws.env } });
      try {
        const names = systemNames(aws.provisioned.functions.map(({ environment }) => environment));
        return await work({ clients, names });
      } finally {
        for (const client of Object.values(clients)) client.destroy();
        await aws.close();
      }
    },
    async close() {
      vi.unstubAllEnvs();
      await fake.close();
      await rm(data, { recursive: true, force: true });
    },
  };
};

import { startFunctionHost } from '../../local/function-host.ts';
import { clientsOf } from '../../local/embedded/clients.ts';
import { openFolderAws } from '../../local/folder-aws.ts';
import { systemNames } from '../../local/system-names.ts';
import { checksOf } from '../doctor/check.ts';
import { folderFlag } from '../default-data.ts';
import { functionFailed, noFunction } from './invoking.ts';
import type { Place } from './place.ts';
import { portsOf } from './ports.ts';

/** @throws {Failure} where no start has worked in the folder. */
export const openFolder = async (data: string): Promise<Place> => {
  const { root, running, env, accounts, provisioned, close } = await openFolderAws(data);
  const clients = clientsOf({ env: { ...env } });
  const names = systemNames(provisioned.functions.map(({ environment }) => environment));
  return {
    kind: 'folder',
    title: root,
    flag: folderFlag(data),
    running,
    accounts,
    ...portsOf(clients, names, 'folder'),
    checks: async () => [
      checksOf('aws').ok(
        'embedded',
        'the embedded AWS is used; nothing leaves this machine but requests to the source',
      ),
    ],
    async invoke(name, event) {
      const fn = provisioned.functions.find((candidate) => candidate.name === name);
      if (!fn) throw noFunction(name);
      const host = startFunctionHost(fn, { more: env, processes: 1, write: () => {} });
      try {
        const invocation = await host.invoke(event);
        if (invocation.outcome === 'returned') return invocation.result;
        throw functionFailed(
          name,
          invocation.outcome === 'failed'
            ? `${invocation.error.name}: ${invocation.error.message}`
            : invocation.outcome,
        );
      } finally {
        host.kill();
      }
    },
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await close();
    },
  };
};

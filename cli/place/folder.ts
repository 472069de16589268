import { clientsOf } from '../../local/embedded/clients.ts';
import { openFolderAws } from '../../local/folder-aws.ts';
import { systemNames } from '../../local/system-names.ts';
import { DEFAULT_DATA } from '../default-data.ts';
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
    flag: data === DEFAULT_DATA ? '' : ` --data ${data}`,
    running,
    accounts,
    ...portsOf(clients, names),
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await close();
    },
  };
};

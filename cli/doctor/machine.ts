import { statfs } from 'node:fs/promises';
import { checksOf, type Check } from './check.ts';

const WANTED_NODE = 24;
const LEAST_FREE_BYTES = 1024 ** 3;
const { ok, warn, fail } = checksOf('machine');

/** Node, time and disk of this machine. */
export const checkMachine = async (folder: string): Promise<Check[]> => {
  const node = Number(process.versions.node.split('.')[0]);
  return [
    node >= WANTED_NODE
      ? ok('node', `Node ${process.version}`)
      : fail('node', `Node ${process.version}, and ${WANTED_NODE} is wanted`, 'npm ci brings it'),
    new Intl.DateTimeFormat('en-IN', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' }).format(
      Date.parse('2026-03-10T00:00:00Z'),
    ) === '05:30 am'
      ? ok('zone', 'India time is +05:30 here; the zone of this machine does not matter')
      : warn('zone', 'this Node knows no time zones', 'install a Node with full ICU'),
    await diskCheck(folder),
  ];
};

const diskCheck = async (folder: string): Promise<Check> => {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GB free`;
  return free > LEAST_FREE_BYTES
    ? ok('disk', text)
    : warn('disk', text, 'free some space, or name another folder with --data');
};

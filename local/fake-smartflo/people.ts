import { pick } from './random.ts';
import { SALT } from './salt.ts';

/**
 * Everyone in the fake is made up: national numbers that begin with 00000 are given to nobody in India,
 * and people are called by a number.
 */
export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly extension: string;
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** One name in eight is not ASCII: names are UTF-8 at the source. */
export const AGENTS: readonly Agent[] = Array.from({ length: 24 }, (_, n) => ({
  id: `000000000${twoDigits(n + 1)}`,
  name: n % 8 === 7 ? `एजेंट ${twoDigits(n + 1)}` : `Agent ${twoDigits(n + 1)}`,
  extension: `Extension-000000000${twoDigits(n + 1)}`,
}));

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Names in lower case, as the page's note on the parameters wants them. */
export const DEPARTMENTS: readonly Named[] = ['sales', 'support', 'billing'].map((name, n) => ({
  id: `${4101 + n}`,
  name,
}));
export const IVRS: readonly Named[] = ['welcome menu', 'after hours'].map((name, n) => ({
  id: `${5201 + n}`,
  name,
}));
export const BROADCASTS: readonly Named[] = ['renewal reminder', 'feedback round'].map((name, n) => ({
  id: `${3401 + n}`,
  name,
}));

export const DISPOSITIONS: readonly (readonly [id: number | null, name: string, code: string])[] = [
  [null, 'Undisposed', 'UNDIS'],
  [9011, 'Interested', 'INTER'],
  [9012, 'Call back', 'CLBCK'],
  [9013, 'Not interested', 'NOINT'],
  [9014, 'Resolved', 'RSLVD'],
  [9015, 'Wrong number', 'WRONG'],
];

export const CIRCLES: readonly (readonly [operator: string, circle: string])[] = [
  ['Fake Mobile', 'Delhi'],
  ['Fake Mobile', 'Mumbai'],
  ['Made-up Telecom', 'Karnataka'],
  ['Made-up Telecom', 'Tamil Nadu'],
];

const entry = <T>(list: readonly T[], seed: number, salt: number): T =>
  list[pick(seed, salt, list.length)] as T;

export const agentOf = (seed: number): Agent => entry(AGENTS, seed, SALT.agent);
export const circleOf = (seed: number) => entry(CIRCLES, seed, SALT.circle);
export const broadcastOf = (seed: number): Named => entry(BROADCASTS, seed, SALT.broadcast);

/** Two calls in five went through a department, one in five through an IVR. */
export const departmentOf = (seed: number): Named | undefined => {
  const place = pick(seed, SALT.department, 8);
  return DEPARTMENTS[place];
};
export const ivrOf = (seed: number): Named | undefined => IVRS[pick(seed, SALT.ivr, 10)];

/** 12 digits without `+`, as `client_number` has it. Some customers call far more often than others. */
export const customerOf = (callSeed: number): string => {
  const share = pick(callSeed, SALT.customer, 1 << 16) / (1 << 16);
  return `9100000${String(Math.floor(share * share * 20_000)).padStart(5, '0')}`;
};

/** With `+`, as `did_number` has it. */
export const didOf = (callSeed: number): string =>
  `+91000009${String(pick(callSeed, SALT.did, 12)).padStart(4, '0')}`;

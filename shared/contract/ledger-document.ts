import * as z from 'zod';
import type { Session } from '../core/session.ts';

/** Partition keys of the ledger table: who may read tokens is granted by prefix. */
export const stateKey = (account: string): string => `state#${account}`;
/** Apart from the state, so that an operator may write it without a lease. */
export const ordersKey = (account: string): string => `orders#${account}`;
export const proofKey = (accountAndDay: string): string => `proof#${accountAndDay}`;
export const sessionKey = (account: string): string => `session#${account}`;

const instant = z.number();

const SessionDocument = z.object({
  token: z.string().optional(),
  secretVersion: z.string().optional(),
  issuedAt: instant.optional(),
  expiresAt: instant.optional(),
  accepted: z.boolean().optional(),
  passwordDaysLeft: z.number().optional(),
  claim: z.object({ owner: z.string(), until: instant }).optional(),
  breaker: z
    .object({
      secretVersion: z.string(),
      reason: z.string(),
      openedAt: instant,
      lockedUntil: instant.optional(),
    })
    .optional(),
});

/** @throws where the stored document is no session. */
export const parseSession = (document: unknown): Session => SessionDocument.parse(document);

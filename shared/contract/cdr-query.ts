import * as z from 'zod';

const stamp = z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/, 'wanted Y-m-d H:i:s, India time');
const lower = z.string().refine((text) => text === text.toLowerCase(), 'names are lower case');

/** The sixteen parameters of `GET /v1/call/records`, as the vendor's page gives them. Both bounds are always sent. */
export const CdrQuery = z.strictObject({
  from_date: stamp,
  to_date: stamp,
  page: z.int().min(1),
  limit: z.int().min(1),
  agents: z.array(z.string().regex(/^agent\|.+$/, 'wanted agent|id')).optional(),
  department: z.array(lower).optional(),
  ivr: z.array(lower).optional(),
  call_type: z.enum(['c', 'm']).optional(),
  callerid: z.string().optional(),
  destination: z.string().optional(),
  direction: z.enum(['inbound', 'outbound']).optional(),
  duration: z.int().min(0).optional(),
  operator: z.enum(['>', '<', '>=', '<=', '!=']).optional(),
  services: z.array(z.string()).optional(),
  broadcast: lower.optional(),
  did_number: z.string().optional(),
});
export type CdrQuery = z.infer<typeof CdrQuery>;

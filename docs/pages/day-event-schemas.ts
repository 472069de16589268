import * as z from 'zod';
import { DayDiffers, DayProven } from '../../shared/contract/day-proof.ts';

/** With `input` further fields are allowed: a reader must bear what a later version adds. */
const schemaPage = (schema: z.ZodType) => () =>
  `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), undefined, 2)}\n`;

/** The JSON Schemas of the events that tell of whole days. */
export const DAY_EVENT_PAGES: Readonly<Record<string, () => string>> = {
  'docs/events/day-proven.schema.json': schemaPage(DayProven),
  'docs/events/day-differs.schema.json': schemaPage(DayDiffers),
};

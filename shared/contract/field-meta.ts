import type * as z from 'zod';

/** What a field of the configuration says of itself, beside zod's own `description`; docs/configuring.md shows it. */
declare module 'zod' {
  interface GlobalMeta {
    /** What one of it is: `seconds`, `days`, `IST date`. */
    readonly unit?: string;
    /** Why the default is what it is, as the rest of a sentence. */
    readonly why?: string;
  }
}

/** All that is said of one field. */
export type FieldMeta = z.GlobalMeta;

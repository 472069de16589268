declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** @see https://github.com/architect/dynalite#readme. Times are in ms, `path` is a folder. */
  export default function dynalite(options: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ArchiveDatabase, openArchiveDatabase } from '../local/archive-database.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';

/** @throws {Failure} where there is no such folder. */
export const archiveRoot = (data: string): string => {
  const root = resolve(data);
  if (existsSync(root)) return root;
  throw new Failure('archive-missing', 'there is no archive to ask', {
    came: root,
    wanted: 'the data folder of a start',
    cure: 'npx smartflo-cdr start --once, or name another folder with --data',
    exit: EXIT.usage,
  });
};

/**
 * Bytes that are no UTF-8 are rare, and looking for them is slow: it is done where DuckDB came upon some.
 *
 * @param unread what DuckDB's refusal is to whoever asked
 */
export const inArchive = async <Answer>(
  root: string,
  unread: (thrown: unknown) => unknown,
  use: (database: ArchiveDatabase) => Promise<Answer>,
): Promise<Answer> => {
  for (let mendBytes = false; ; mendBytes = true) {
    const database = await openArchiveDatabase(root, { mendBytes });
    try {
      return await use(database);
    } catch (thrown) {
      if (thrown instanceof Failure) throw thrown;
      const isEncoding = thrown instanceof Error && /invalid unicode|not utf-8/i.test(thrown.message);
      if (!isEncoding || mendBytes) throw unread(thrown);
    } finally {
      database.close();
    }
  }
};

import { TABLES } from '../shared/contract/analytics/columns.ts';
import { nearest } from '../shared/core/nearest.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';

/** `LINE 2: ...some of the line...` with a caret below it. */
const PLACE = /\n\s*LINE (\d+): (.*)\n( *)\^/;
const UNKNOWN_TABLE = /^Catalog Error: Table with name "?([^"\s]+)"? does not exist/;

/** DuckDB cuts long lines and points into what is left of them. @returns `line 2, column 7: what stands there` */
const placeOf = (sql: string, message: string): string => {
  const [, number = '', excerpt = '', indent = ''] = PLACE.exec(message) ?? [];
  const line = sql.split('\n')[Number(number) - 1];
  if (line === undefined) return `the end: ${sql.trim().slice(-40)}`;
  const cut = excerpt.startsWith('...') ? 3 : 0;
  const shown = excerpt.slice(cut).replace(/\.\.\.$/, '');
  const column = line.indexOf(shown) + indent.length - `LINE ${number}: `.length - cut;
  return `line ${number}, column ${column + 1}: ${line.slice(column, column + 60)}`;
};

const wantedOf = (message: string): string => {
  const tables = Object.keys(TABLES);
  const [, unknown] = UNKNOWN_TABLE.exec(message) ?? [];
  if (unknown !== undefined) {
    const near = nearest(unknown, tables);
    return near ? `did you mean ${near}?` : `one of ${tables.join(', ')}`;
  }
  const [, candidates] = /Candidate bindings: (.*)/.exec(message) ?? [];
  if (candidates !== undefined) return `a column, such as ${candidates}`;
  const [, meant] = /Did you mean "([^"]+)"/.exec(message) ?? [];
  return meant === undefined
    ? 'one SELECT in the SQL that Athena and DuckDB share'
    : `did you mean ${meant}?`;
};

/** What DuckDB says of a query, in four parts, with the place of the mistake. */
export const sqlFailure = (sql: string, thrown: unknown): Failure => {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const [first = ''] = message.split('\n');
  return new Failure(
    'query-unfit',
    first.replace(
      /^(?:Failed to extract statements: )?(?:Parser|Catalog|Binder|Conversion|Invalid Input) Error: /,
      '',
    ),
    {
      came: placeOf(sql, message),
      wanted: wantedOf(message),
      cure: 'correct it there; the columns are in docs/querying.md, or: npx smartflo-cdr query "DESCRIBE calls"',
      exit: EXIT.usage,
      cause: thrown,
    },
  );
};

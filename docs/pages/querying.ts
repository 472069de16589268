import { ARCHIVE_BYTES } from '../../cli/cost/measured.ts';
import { type Columns, SQL_TYPES } from '../../shared/contract/analytics/column.ts';
import { TABLES, type TableName } from '../../shared/contract/analytics/columns.ts';
import { TODAY_IN_INDIA } from '../../shared/queries/catalog.ts';
import { costTable, DOLLARS_A_TERABYTE, LEAST_BYTES } from './query-costs.ts';

const SAYS: Readonly<Record<TableName, string>> = {
  calls: 'A row a call record: its newest revision. Ask this one unless you need another.',
  call_revisions:
    'A row a content that a record has had, with what changed. Always read from the raw archive.',
  call_events: 'A row a step of a call, in order: menus, queues, agents dialled, answered, hung up.',
  agent_legs: 'A row an agent of a call, whether they answered or let it ring.',
  calls_masked:
    'As `calls`, without numbers, names and recordings, for finished days: the one view of who has `MaskedAnalystPolicy`.',
  days: 'A row an account and finished day: what its newest proof found.',
  calls_raw:
    'A row a line of the archive, as it came: repeats, old revisions and records without a date included.',
};

const PERSONAL = { number: 'number', name: 'name', record: 'all of it' } as const;

const columnTable = (columns: Columns): string =>
  [
    '| column | type | what it says | from | null means | personal |',
    '|---|---|---|---|---|---|',
    ...Object.entries(columns).map(
      ([name, { type, says, source, null: absent, personal }]) =>
        `| \`${name}\` | ${SQL_TYPES[type].athena} | ${says} | ${source} | ${absent} | ${personal ? PERSONAL[personal] : ''} |`,
    ),
  ].join('\n');

const section = (name: TableName): string => `### \`${name}\`

${SAYS[name]}

${columnTable(TABLES[name])}
`;

/** docs/querying.md. */
export const queryingPage = (): string => `# Asking about calls with SQL

The same tables and columns stand in Athena and, over the files of a data folder, on your machine. Ask by \`dt\`, the
India date on which a call started: a question reads the days that it names, and nothing else.

\`\`\`
npx smartflo-cdr query "SELECT status, count(*) FROM calls WHERE dt = '2026-03-10' GROUP BY 1"
npx smartflo-cdr query --named missed-never-called-back
npx smartflo-cdr query --named calls-per-day --from 2026-03-01 --to 2026-03-31 --csv
\`\`\`

In Athena, choose the workgroup \`smartflo-analytics\` and the database \`smartflo_analytics\`; the named queries are under
*Saved queries*. There is no crawler to run and no partition to add. On the command line:

\`\`\`
aws athena start-query-execution --work-group smartflo-analytics \\
  --query-string "SELECT dt, count(*) FROM smartflo_analytics.calls WHERE dt >= '2026-03-01' GROUP BY 1 ORDER BY 1"
\`\`\`

## What to know
- **Today is there.** A call is in \`calls\` as soon as it is archived, seconds after the poller has seen it.
- **Today in India** is \`dt = ${TODAY_IN_INDIA}\`. \`current_date\`
  is the date of UTC: until 05:30 India is a day ahead of it.
- **A record counts once.** Repeats and old revisions are in \`calls_raw\` and \`call_revisions\` only. A call may have several
  records (legs, transfers); they share \`call_id\`.
- **Times stand twice**: \`…_at\` is UTC, \`…_ist\` is the wall clock in India. Neither carries a zone, so compare like with like.
- **Nothing fails on odd data.** A field that can't be read is null; the record as it came is the last column:
  \`json_extract_scalar(record, '$.dialer_call_details.feedback_rating')\`.
- **Records without a date** are in \`dt = 'unknown'\`, in no day's figures; the named query \`undated-records\` counts them.
- **What is late** is in \`calls_raw\` at once, and in \`calls\` at once for the days that are still raw; for a finished day
  within an hour, or half an hour more for each million and a half of its calls. Which days are finished follows
  \`curatedAfterDays\`.
- **A key that begins with \`~\`** names a record that has no usable \`id\`.
- **Between engines** two things differ. Athena stops at the account and at the days that the configuration names
  (\`retiredAccounts\`, \`queriesFrom\`); a laptop reads whatever lies there. Numbers inside \`call_events.entry\` may be
  written as \`1.7E9\` in Athena.

## The named questions, and what they cost
Athena takes $${DOLLARS_A_TERABYTE} for 10¹² bytes read, and at least for ${LEAST_BYTES / 1e6} MB a question. A record takes ${ARCHIVE_BYTES} bytes in
the raw archive, where every question reads all of them; of a finished day only the columns that it names. The
workgroup ends a question above \`scanLimitGb\`. Without dates a named question is about the last seven days; in Athena edit
them, here give \`--from\` and \`--to\`. \`npx smartflo-cdr query\` prints what a question read and would have cost.

${costTable()}

## Who may ask
The stack \`smartflo-analytics\` makes a managed policy for people, \`AnalystPolicy\` in its outputs: attach it to a role or
a permission set. It allows asking in the one workgroup, reading the archive and the answers, and nothing else: no other bucket,
no write to the archive, no change of the workgroup's limit, key or place for answers. The console's menus want
\`athena:ListWorkGroups\` and \`athena:ListDataCatalogs\` besides, which can't be limited to one workgroup.

Who has it sees **everything**: numbers, names, notes, and the addresses of recordings, which play for anyone who has them.
Answers lie under \`results/\` of the bucket for a week, encrypted like the rest. Who may ask may read the answers of others.

**Who must see no number, name or recording** gets \`MaskedAnalystPolicy\` instead. It allows \`calls_masked\` alone, in the
workgroup \`smartflo-analytics-masked\`, whose saved queries ask it and whose answers lie apart. Athena reads a view's files with
the rights of whoever asks, so these calls lie in files of their own, under \`masked/\`, and the policy opens no others:
- They are made with the curated files, so they hold finished days (\`curatedAfterDays\`); what comes late is there
  within an hour.
- The columns marked *personal* below are not in them. \`customer\` is a word that stands for the number, the same on all days
  and in all accounts, so that callers can be counted and followed. It is a keyed hash: the key lies under \`aliases/\`, where
  neither policy reaches. A text anywhere else that holds a number of
  the call, its agent's name or an address is null; so is what looks like it by chance. Numbers are looked for in the spellings that
  people and telephones use; a source that hid one in a way of its own, digits among letters, say, would be shown.
- Files that were replaced stay under \`masked/files/\`, which the policy opens: what once was in them can be read by who knows
  where to look. And who may ask everything should not ask it in this workgroup: its answers, and the text of its questions, are
  there for all who may ask here.
- \`agent_id\` is there, without the name: no agent's day could be told without it. What a queue, a campaign or a
  disposition is called is shown as it is.

The same questions on your machine: \`npx smartflo-cdr query "SELECT customer, count(*) FROM calls_masked GROUP BY 1"\`. There it
hides nothing from you: whoever has the folder has the files.

## Columns
${(Object.keys(TABLES) as TableName[]).map(section).join('\n')}
---

This page is made by \`npm run docs\`; a test fails when it is stale.
`;

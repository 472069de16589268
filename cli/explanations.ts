import { SOURCE_REASONS } from './source-reasons.ts';

export interface Explanation {
  readonly meaning: string;
  readonly cure: string;
}

const OWN = {
  usage: {
    meaning: 'The command line was not understood, so nothing was done. Exit code 2.',
    cure: 'npx smartflo-cdr COMMAND --help',
  },
  'code-unknown': {
    meaning: 'explain knows the codes that errors and warnings print; this is none of them.',
    cure: 'npx smartflo-cdr explain lists them all',
  },
  'range-empty': {
    meaning:
      '--from is the first instant that is fetched, --to the first that is not; both are India time. A date means its midnight, so one day is --from 2024-05-09 --to 2024-05-10.',
    cure: 'give a --from that lies before --to',
  },
  'range-ahead': {
    meaning:
      '--from lies in the future, in India time: there is nothing to fetch, and an ending with 0 would read as if everything had arrived. Exit code 2.',
    cure: 'give a --from in the past, or leave it out',
  },
  'node-too-old': {
    meaning:
      'The program needs Node 24. `npm ci` installs that Node inside this folder, and the program finds it there, whatever Node the machine has. The packages are optional dependencies by platform: with --omit=optional, or on another platform, they are missing.',
    cure: 'npm ci, or install Node 24 from nodejs.org',
  },
  'not-installed': {
    meaning:
      'A package that the program is made of is not in node_modules: the install was never run, or did not end.',
    cure: 'npm ci',
  },
  'data-folder-in-use': {
    meaning:
      'Another start is running on the same data folder. Two would disturb each other, so the second does not begin. The lock belongs to the operating system and ends with its process: a crash leaves none behind. Exit code 7.',
    cure: 'stop the other one with Ctrl-C, or give this one its own folder with --data',
  },
  'data-folder-foreign': {
    meaning:
      'The folder that --data names has files in it that this program did not write. It would mix its own among them, so it does not begin.',
    cure: 'name an empty folder, or one that does not exist yet',
  },
  'data-folder-other-source': {
    meaning:
      'The data folder holds simulated calls and a credential is set now, or the other way round, or another host is asked. They are never mixed: nobody could tell them apart later.',
    cure: 'give this source its own folder with --data, or set the old calls aside with --fresh',
  },
  'resources-differ': {
    meaning:
      'The data folder was made for other resources than the templates ask for now, for example with another secondary index.',
    cure: 'npx smartflo-cdr start --fresh sets it aside and begins anew',
  },
  'configuration-unfit': {
    meaning:
      'The block "smartflo" of cdk.json, or the file that it names, holds something that no deployment knows.',
    cure: 'correct what the error names; docs/configuring.md has every field',
  },
  'synthesis-failed': {
    meaning:
      'The templates that say what to make here could not be written. The most common reason is a mistake in the block "smartflo" of cdk.json.',
    cure: 'correct what the error names',
  },
  'data-folder-unwritable': {
    meaning:
      'The data folder can not be made, locked or written: wrong rights, a full disk, or a network drive without locks.',
    cure: 'name a folder on a local disk with --data',
  },
  'credential-incomplete': {
    meaning:
      'A login needs both SMARTFLO_EMAIL and SMARTFLO_PASSWORD. With only one of them the program does not guess, and does not fall back to simulated calls.',
    cure: 'set both, or SMARTFLO_TOKEN alone',
  },
  'credential-unusable': {
    meaning:
      'The credential is empty, masked, or holds a sign that no token has. It was not tried. Exit code 4.',
    cure: 'copy it again, whole, and set SMARTFLO_TOKEN, or SMARTFLO_EMAIL and SMARTFLO_PASSWORD',
  },
  'setting-invalid': {
    meaning: 'An environment variable of the program holds something that can not be used.',
    cure: 'correct it, or unset it to get the default',
  },
  'archive-missing': {
    meaning:
      'query reads the raw records in the data folder of a start. The folder that --data names is not there.',
    cure: 'npx smartflo-cdr start --once, or name the folder of a start with --data',
  },
  'query-unfit': {
    meaning:
      'The SQL was not understood, or could not be worked out: a word, a table, a column or a value does not fit. The error names the line and the column where it begins. Nothing was changed: a query only reads. Exit code 2.',
    cure: 'correct it at the place named; npx smartflo-cdr query "DESCRIBE calls" lists the columns',
  },
  'file-unwritable': {
    meaning:
      'The file that was asked for could not be written: its folder is not there, or may not be written to.',
    cure: 'name another file with --out, of a query with --parquet',
  },
  'output-lost': {
    meaning:
      'Standard output went to something that could not take it all, most often a file on a full disk: what is there is cut short. Exit code 1.',
    cure: 'make room, or name another file, and run the same command again',
  },
  'messages-returned': {
    meaning:
      'The archive, the index or the bus did not take some messages: the disk is full, or a process was killed. They stay in the queue and are tried again, so nothing is lost.',
    cure: 'make room on the disk; the log says what failed',
  },
  'query-unknown': {
    meaning: 'No question that ships with the program has this name.',
    cure: 'npx smartflo-cdr query lists them',
  },
  'not-all-arrived': {
    meaning:
      'With --once the program ends with 0 only if everything that was fetched is in the archive, in the index and on the bus, nothing waits in the queue and nothing is among the dead letters or in quarantine. Something is not. Nothing is lost: what the archive holds stays, and a message that failed stays in the queue. Exit code 3.',
    cure: 'npx smartflo-cdr start --once on the same data folder goes on from here',
  },
  auth: {
    meaning:
      'Smartflo refused the credential. A rejected login is never tried again with the same credential, because Smartflo counts failures and locks the account. This is remembered in the data folder and survives a restart. Exit code 4.',
    cure: 'set SMARTFLO_TOKEN, or SMARTFLO_EMAIL and SMARTFLO_PASSWORD, to the right one and start again',
  },
  'rate-limited': {
    meaning:
      'The rate limit of the account is shared by everything that uses its API, live dialling included. Smartflo said that it is used up. The program waits as long as it was asked to; with --once it gives up after a few minutes of this. Exit code 5.',
    cure: 'start again later, or set a lower SMARTFLO_RPS (requests a second)',
  },
  'source-down': {
    meaning:
      'Smartflo did not give a usable answer: no connection, an error page, a cut-off body. Nothing that was fetched is lost, and what is missing is fetched when it answers again. Exit code 5 with --once; otherwise the program goes on trying.',
    cure: 'start again later',
  },
  'source-ignores-window': {
    meaning:
      'Smartflo returned calls from outside the time window that was asked for. It does that when it does not understand the parameters, so nothing of the answer is trusted. Exit code 5.',
    cure: 'check SMARTFLO_BASE_URL',
  },
  busy: {
    meaning: 'Another poller holds the lease of this account in this data folder.',
    cure: 'wait three minutes and start again',
  },
  stale: {
    meaning:
      'A tick older than the newest one on this data folder does nothing. The clock of the machine went back.',
    cure: 'set the clock right and start again',
  },
  'no-progress': {
    meaning: 'Calls are owed, and several ticks in a row fetched none of them.',
    cure: 'set a higher SMARTFLO_RPS, if the account allows it, and start again',
  },
  failed: {
    meaning: 'A tick of the poller failed for a reason inside this machine. The log has it, with the stack.',
    cure: 'read the log and start again; a defect deserves a report',
  },
  'nothing-here': {
    meaning:
      'The command works on what a start has made in a data folder, and in the named one none has. Exit code 2.',
    cure: 'npx smartflo-cdr start --once, or name the folder with --data, or a deployed system with --stack',
  },
  'stack-unknown': {
    meaning:
      'The stacks are looked for in the account and region of the credentials that the AWS SDK finds, and they are not there. Exit code 2.',
    cure: 'check --stack, AWS_REGION and AWS_PROFILE',
  },
  'aws-refused': {
    meaning: 'AWS answered that these credentials may not do this, or did not answer. Exit code 6.',
    cure: 'aws sts get-caller-identity tells whose credentials are used; the error names what was refused',
  },
  'queue-refused': {
    meaning: 'The queue did not accept a message. What was to be sent is still where it was. Exit code 6.',
    cure: 'run the same command again',
  },
  'account-unknown': {
    meaning:
      'The system has several accounts and the command works on one, or the named one is not configured. Exit code 2.',
    cure: 'name one of those that the error lists with --account',
  },
  'index-switched-off': {
    meaning:
      'The configuration leaves out the secondary index that this search needs: each costs one more write a call. Exit code 7.',
    cure: 'switch it on under smartflo.indexes in cdk.json and deploy, or ask the archive with query',
  },
  'call-unknown': {
    meaning: 'No record of the index has this id or call_id. Exit code 3.',
    cure: 'npx smartflo-cdr calls --day DATE lists calls with their ids',
  },
  'archive-object-missing': {
    meaning:
      'The index points to an object of the archive that is not in the bucket: somebody has deleted it. Exit code 3.',
    cure: 'npx smartflo-cdr prove finds what is missing and has it fetched again',
  },
  'dead-letter-unknown': {
    meaning:
      'No dead letter with this id is to be seen. It may have been redriven, be looked at by somebody else for a minute, or be older than the 14 days that the queue keeps. Exit code 3.',
    cure: 'npx smartflo-cdr dead-letters list',
  },
  'quarantine-unknown': {
    meaning: 'Nothing in quarantine has this id. Exit code 3.',
    cure: 'npx smartflo-cdr quarantine list',
  },
  'function-missing': {
    meaning: 'The system was made by another version of this program, which has no such function.',
    cure: 'npx smartflo-cdr start --once on a data folder, npx cdk deploy --all for a deployed system',
  },
  'function-failed': {
    meaning:
      'A function of the system ended with an error. What it had done is kept; it goes on from there when it is run again.',
    cure: 'run the same command again; a defect deserves a report with the log',
  },
  'rebuild-table-unfit': {
    meaning:
      'rebuild fills a table of its own, made like the live index. The live index and the ledger are refused, so is a table with other keys. --create makes a table and is refused where one is there; without it the table must be there. Exit code 2.',
    cure: 'name another table with --into, and add or leave out --create as the error says',
  },
  'not-confirmed': {
    meaning: 'What was to be confirmed and what --confirm names differ. Nothing was done. Exit code 7.',
    cure: 'give --confirm the exact name',
  },
  'archive-unreadable': {
    meaning:
      'An object of the archive is not what this system wrote: somebody or something has changed it. The command ends there, and what it did stays. Exit code 3.',
    cure: 'get back an earlier version of the object: the bucket of a deployed system keeps them',
  },
  'replay-target-unknown': {
    meaning:
      'replay sends to one consumer: an SQS queue by name, URL or ARN, or a rule of the event bus whose targets are queues. The bus of a data folder keeps no rules, so only queues are found there. Exit code 2.',
    cure: 'name a queue that the credentials may see, or a rule of the deployed bus',
  },
  'replay-target-unfit': {
    meaning:
      'Events would not arrive there as the bus delivers them: the rule has other targets than queues, or reshapes events, or the queue is one of the system itself, which takes packs of records and no events. Nothing was sent. Exit code 2.',
    cure: 'name the queue of the consumer',
  },
  'answer-needed': {
    meaning:
      'The command asks before it acts, and where neither keyboard nor terminal is there it does not wait for an answer that can not come. Exit code 7.',
    cure: 'the same command with the flag that the error names',
  },
  'disk-full': {
    meaning:
      'The file system took no more. A run stops there and then: what was not stored yet is still in the queue, or owed, and the next start goes on with it. Exit code 1.',
    cure: 'make room on the disk that the error names, and run the same command again',
  },
  unexpected: {
    meaning: 'An error that nobody foresaw: a defect of this program.',
    cure: 'run the same command with --debug and report what it prints',
  },
} satisfies Record<string, Explanation>;

/** What is behind a code, longer than an error's four lines. Kept here, so it helps without a network. */
export const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ...Object.fromEntries(
    Object.entries(SOURCE_REASONS).map(([code, { outcome, came }]) => [
      code,
      { meaning: `What came: ${came}. ${OWN[outcome].meaning}`, cure: OWN[outcome].cure },
    ]),
  ),
  ...OWN,
};

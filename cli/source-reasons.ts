import type { TickReport } from '../shared/contract/tick.ts';
import type { MalformedCode } from '../shared/core/raw-json.ts';

export interface SourceReason {
  /** The outcome of a tick that it leads to; its explanation holds for this one too. */
  readonly outcome: Exclude<TickReport['outcome'], 'done'>;
  /** What came, in words. */
  readonly came: string;
}

const because = (outcome: SourceReason['outcome'], reasons: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(reasons).map(([code, came]) => [code, { outcome, came }]));

const MALFORMED: Readonly<
  Record<`json-${Exclude<MalformedCode, 'truncated' | 'too-deep' | 'too-many-records'>}`, string>
> = {
  'json-not-object': 'an answer that is JSON, but no object with records in it',
  'json-unexpected-byte': 'an answer that is no JSON',
  'json-control-character': 'an answer with a control character where JSON allows none',
  'json-bad-escape': 'an answer with an escape that JSON does not know',
  'json-too-many-members': 'an answer with more members than any page of records has',
  'json-duplicate-member': 'an answer that names one of its members twice',
  'json-trailing-bytes': 'an answer with something behind its end',
};

/** The reasons that the source client and the poller give, by their codes. */
export const SOURCE_REASONS: Readonly<Record<string, SourceReason>> = {
  ...because('auth', {
    'login-rejected': 'Smartflo rejected the e-mail address and password',
    'login-locked': 'Smartflo has locked this login for a while, after too many failures',
    'login-without-token': 'Smartflo answered the login without a token',
    'token-rejected': 'Smartflo rejected the token: it has expired, was withdrawn, or is mistyped',
    'new-token-refused': 'Smartflo took the login but refuses its token: this user may not see call records',
    'credential-unusable': 'the stored credential is empty, masked or of another shape',
  }),
  ...because('rate-limited', {
    'too-many-requests': 'Smartflo said: too many requests',
    paused: 'Smartflo asked for a pause that has not ended yet',
  }),
  ...because('source-down', {
    'connection-refused': 'nothing listens at that address',
    'connection-lost': 'the connection was cut before the answer was whole',
    'connect-timeout': 'no connection within the time limit',
    'header-timeout': 'a connection, and then silence',
    'total-timeout': 'an answer that was not whole within the time limit',
    'host-unknown': 'a host name that does not resolve: check the network and SMARTFLO_BASE_URL',
    'tls-failed': 'a certificate that can not be trusted',
    'source-slow': 'Smartflo gave up waiting for its own answer',
    'html-body': 'an HTML page where JSON was wanted',
    'compression-broken': 'an answer that could not be unpacked',
    'encoding-unknown': 'an answer in an unknown encoding',
    'failed-in-200': 'an answer that says it is fine and that it failed',
    'count-missing': 'an answer without a count of records',
    'results-missing': 'an answer without a list of records',
    'result-strange': 'a list whose entries are no records',
    'query-refused': 'Smartflo refused the query',
    redirected: 'a redirect, which is not followed: check SMARTFLO_BASE_URL',
    truncated: 'an answer that ended too early',
    'too-deep': 'an answer that is nested too deeply',
    'too-large': 'an answer that is larger than any page of records',
    'too-many-records': 'more records on a page than were asked for at most',
    'query-too-large': 'Smartflo found the query too large',
    ...MALFORMED,
    'out-of-time': 'no answer within the time of one tick',
    'login-unanswered': 'the login was not answered',
    'base-url-invalid': 'an address that can not be used: check SMARTFLO_BASE_URL',
    'base-url-insecure': 'an address without https: check SMARTFLO_BASE_URL',
    'host-not-allowed': 'a host that the account does not allow',
  }),
  ...because('source-ignores-window', {
    'rows-outside-window': 'calls from outside the window that was asked for',
  }),
};

import { EXIT } from '../cli/exit-codes.ts';
import { Failure } from '../cli/failure.ts';
import { parseCredential } from '../shared/adapters/credential-text.ts';
import { CredentialUnusable } from '../shared/ports/credentials.ts';

/** What a data folder's mark says of made-up calls, where else it names the host. */
export const SIMULATED = 'simulated';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whom the local system polls, as the environment says. */
export type SourceChoice =
  | { readonly simulated: true }
  | {
      readonly simulated: false;
      /** The secret's value, as it would lie in Secrets Manager. */
      readonly secret: string;
      /** Another host than the account's, where given. */
      readonly baseUrl: string | undefined;
      readonly requestsPerSecond: number | undefined;
    };

/**
 * A credential means the real API; none means simulated calls. Half a credential, or a host without one, is a
 * mistake that must not turn into made-up calls silently.
 *
 * @throws {Failure}
 */
export const chooseSource = (env: Environment): SourceChoice => {
  const token = env['SMARTFLO_TOKEN']?.trim();
  const email = env['SMARTFLO_EMAIL']?.trim();
  const password = env['SMARTFLO_PASSWORD'];
  const baseUrl = env['SMARTFLO_BASE_URL']?.trim() || undefined;
  const secret = token ? { token } : email && password ? { email, password } : undefined;
  if (secret) {
    return {
      simulated: false,
      secret: checked(JSON.stringify(secret)),
      baseUrl: baseUrl && readUrl(baseUrl),
      requestsPerSecond: readRate(env['SMARTFLO_RPS']),
    };
  }
  const came = Object.entries({
    SMARTFLO_EMAIL: email,
    SMARTFLO_PASSWORD: password,
    SMARTFLO_BASE_URL: baseUrl,
  })
    .filter(([, value]) => value)
    .map(([name]) => name);
  if (came.length === 0) return { simulated: true };
  throw new Failure('credential-incomplete', 'the credential is not complete', {
    came: `${came.join(' and ')} alone`,
    wanted: 'SMARTFLO_TOKEN, or SMARTFLO_EMAIL and SMARTFLO_PASSWORD; none of them for simulated calls',
    cure: `set the missing one, or unset ${came.join(' and ')}`,
    exit: EXIT.credentials,
  });
};

/** A pasted mask is refused before it costs a login. */
const checked = (secret: string): string => {
  try {
    return JSON.stringify(parseCredential(secret));
  } catch (thrown) {
    if (!(thrown instanceof CredentialUnusable)) throw thrown;
    throw new Failure('credential-unusable', 'the credential can not be used', {
      came: thrown.message,
      wanted: 'the token, or the login and the password, exactly as Smartflo gave them',
      cure: 'copy it again and set SMARTFLO_TOKEN, or SMARTFLO_EMAIL and SMARTFLO_PASSWORD',
      exit: EXIT.credentials,
    });
  }
};

const readUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = url && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return text.replace(/\/+$/, '');
  throw invalid(
    'SMARTFLO_BASE_URL',
    text,
    'an https address, like https://api-smartflo.tatateleservices.com',
  );
};

const readRate = (text: string | undefined): number | undefined => {
  if (text === undefined || text.trim() === '') return undefined;
  const rate = Number(text);
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw invalid('SMARTFLO_RPS', text, 'requests a second, a number above 0');
};

const invalid = (name: string, came: string, wanted: string): Failure =>
  new Failure('setting-invalid', `${name} can not be used`, {
    came,
    wanted,
    cure: `correct ${name}, or unset it`,
    exit: EXIT.usage,
  });

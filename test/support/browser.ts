import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, Ubuntu and Fedora put theirs. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Root may not be sandboxed, and a machine for tests has no graphics. */
const FLAGS = ['--no-sandbox', '--disable-gpu'];

/**
 * A Chromium: the one that `CHROMIUM` names, one that is installed, or the one that npm has brought, with the libraries
 * that it needs (x64 Linux only).
 */
export const openBrowser = async (): Promise<Browser> => {
  const named = process.env['CHROMIUM'];
  const installed = named ?? INSTALLED.find((path) => existsSync(path));
  if (installed !== undefined) return chromium.launch({ executablePath: installed, args: FLAGS });
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `no browser: none of ${INSTALLED.join(', ')} is there, and npm brings one for x64 Linux only. Install Chromium or Chrome, and set CHROMIUM to its path`,
    );
  // By this name it unpacks libraries that a bare machine does not have.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x';
  const { default: brought } = await import('@sparticuz/chromium');
  // Its own arguments are for Lambda: in one process, it ends with its first page.
  return chromium.launch({ executablePath: await brought.executablePath(), args: FLAGS });
};

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before the first test and after the last: whatever tests leave in the machine's temporary folder goes with them. */
export default (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'smartflo-cdr-tests-'));
  // What Node calls it on one system and another.
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
};

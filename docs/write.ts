import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PAGES } from './pages/index.ts';

// `npm run docs`: writes every document that is made from code.
for (const [path, page] of Object.entries(PAGES)) {
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), await page());
  process.stderr.write(`wrote ${path}\n`);
}

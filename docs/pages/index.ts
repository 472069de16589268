import { configuringPage } from './configuring.ts';

/** The documents that are made from code, by their paths. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/configuring.md': configuringPage,
};

import { asyncApiPage } from './asyncapi.ts';
import { configuringPage } from './configuring.ts';
import { costPage } from './cost.ts';
import { DAY_EVENT_PAGES } from './day-event-schemas.ts';
import { GOLDEN_PAGES } from './golden-events.ts';
import { deployingPage } from './deploying.ts';
import { queryingPage } from './querying.ts';
import { securityPage } from './security.ts';

/** The documents that are made from code, by their paths. */
export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/configuring.md': configuringPage,
  'docs/cost.md': costPage,
  'docs/events/asyncapi.json': asyncApiPage,
  ...DAY_EVENT_PAGES,
  ...GOLDEN_PAGES,
  'docs/deploying.md': deployingPage,
  'docs/querying.md': queryingPage,
  'docs/security.md': securityPage,
};

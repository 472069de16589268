import { type GlueClient, GetTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue';
import { athenaViews, glueView } from '../contract/analytics/glue.ts';
import type { CallsView } from '../ports/calls-view.ts';

/**
 * Athena keeps its views in Glue. A deployment that changes the view writes it as the template has it, all raw, which
 * is right and only dearer; the next run of the compactor moves it again.
 */
export const createGlueCallsView = (client: GlueClient, database: string): CallsView => ({
  async readRawFrom(rawFrom) {
    const calls = athenaViews(rawFrom).find(({ name }) => name === 'calls');
    if (!calls) throw new Error('there is no view `calls`');
    const wanted = glueView(calls, database);
    const { Table } = await client.send(new GetTableCommand({ DatabaseName: database, Name: calls.name }));
    if (Table?.ViewOriginalText === wanted.ViewOriginalText) return 'as-it-was';
    await client.send(new UpdateTableCommand({ DatabaseName: database, TableInput: wanted }));
    return 'moved';
  },
});

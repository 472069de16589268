import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import * as z from 'zod';
import { CallChanged, CallCreated, EVENT_SOURCE } from '../../shared/contract/call-event.ts';
import { DayDiffers, DayProven } from '../../shared/contract/day-proof.ts';

const SCHEMAS = { CallCreated, CallChanged, DayProven, DayDiffers } as const;

/** The events' schemas in EventBridge's registry, from which IDEs and the console make code. */
export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const registry = new CfnRegistry(this, 'Registry', {
      description: 'Events of Smartflo call records. The same as docs/events.',
    });
    for (const [name, schema] of Object.entries(SCHEMAS))
      new CfnSchema(this, name, {
        registryName: registry.attrRegistryName,
        // EventBridge's own way of naming; the registry's name is new with every deployment.
        schemaName: `${EVENT_SOURCE}@${name}`,
        description: schema.description ?? '',
        // The registry knows no later draft.
        type: 'JSONSchemaDraft4',
        content: JSON.stringify(z.toJSONSchema(schema, { target: 'draft-4' })),
      });
  }
}

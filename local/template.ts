import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { LOCAL_REGION } from './embedded/aws.ts';
import { LOCAL_ACCOUNT } from './embedded/objects-and-queues.ts';

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
});
const Template = z.object({
  Resources: z.record(z.string(), Resource),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }))
    .default({}),
});

/** One resource of a template, its properties as they are written. */
export interface TemplateResource extends z.infer<typeof Resource> {
  readonly logicalId: string;
  readonly stack: string;
}

/** What a resource is called once it is there: what Ref gives, and what GetAtt gives. */
export interface Physical {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The templates of one synthesis, read together, as their stacks import from each other. */
export interface Templates {
  readonly resources: readonly TemplateResource[];
  /** A value with its intrinsics worked out, in the words of the resource's own stack. */
  resolve(value: unknown, stack: string): unknown;
}

/**
 * @param nameOf what a resource is called; `resolve` is for those that are named by their own properties.
 */
export const readTemplates = async (
  outDir: string,
  nameOf: (resource: TemplateResource, resolve: (value: unknown) => unknown) => Physical,
): Promise<Templates> => {
  const files = (await readdir(outDir)).filter((name) => name.endsWith('.template.json')).sort();
  const stacks = await Promise.all(
    files.map(async (file) => ({
      stack: basename(file, '.template.json'),
      template: Template.parse(JSON.parse(await readFile(join(outDir, file), 'utf8'))),
    })),
  );
  const resources = stacks.flatMap(({ stack, template }) =>
    Object.entries(template.Resources).map(([logicalId, resource]) => ({ ...resource, logicalId, stack })),
  );
  const exports = new Map(
    stacks.flatMap(({ stack, template }) =>
      Object.values(template.Outputs).flatMap(({ Value, Export }) =>
        Export ? [[Export.Name, { Value, stack }] as const] : [],
      ),
    ),
  );

  const physical = (logicalId: string, stack: string): Physical => {
    const resource = resources.find(
      (candidate) => candidate.logicalId === logicalId && candidate.stack === stack,
    );
    if (!resource) throw new Error(`${stack} has no resource ${logicalId}`);
    return nameOf(resource, (value) => resolve(value, stack));
  };
  const refer = (name: string, stack: string): string => pseudo(stack)[name] ?? physical(name, stack).ref;
  const attribute = (logicalId: string, name: string, stack: string): string => {
    const value = physical(logicalId, stack).attributes[name];
    if (value === undefined) throw new Error(`${logicalId} has no attribute ${name} here`);
    return value;
  };

  const intrinsics: Record<string, (argument: unknown, stack: string) => unknown> = {
    Ref: (argument, stack) => refer(z.string().parse(argument), stack),
    'Fn::GetAtt': (argument, stack) => {
      const [logicalId, name] = z.tuple([z.string(), z.string()]).parse(argument);
      return attribute(logicalId, name, stack);
    },
    'Fn::Join': (argument, stack) => {
      const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
      return parts.map((part) => text(part, stack)).join(separator);
    },
    'Fn::Split': (argument, stack) => {
      const [separator, whole] = z.tuple([z.string(), z.unknown()]).parse(argument);
      return text(whole, stack).split(separator);
    },
    'Fn::Select': (argument, stack) => {
      const [index, list] = z.tuple([z.coerce.number(), z.unknown()]).parse(argument);
      return z.array(z.unknown()).parse(resolve(list, stack))[index];
    },
    'Fn::Sub': (argument, stack) => {
      const [pattern, names] = z
        .union([
          z.string().transform((only) => [only, {}] as const),
          z.tuple([z.string(), z.record(z.string(), z.unknown())]),
        ])
        .parse(argument);
      return pattern.replace(/\$\{([^!}]+)\}/g, (_, name: string) => {
        if (Object.hasOwn(names, name)) return text(Reflect.get(names, name), stack);
        const [logicalId = '', ...path] = name.split('.');
        return path.length > 0 ? attribute(logicalId, path.join('.'), stack) : refer(name, stack);
      });
    },
    'Fn::ImportValue': (argument, stack) => {
      const found = exports.get(text(argument, stack));
      if (!found) throw new Error(`no stack exports ${String(argument)}`);
      return resolve(found.Value, found.stack);
    },
  };
  const text = (value: unknown, stack: string): string => String(resolve(value, stack));
  const resolve = (value: unknown, stack: string): unknown => {
    if (Array.isArray(value)) return value.map((part) => resolve(part, stack));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
      const intrinsic = intrinsics[name];
      if (!intrinsic) throw new Error(`${name} is not understood here`);
      return intrinsic(argument, stack);
    }
    return Object.fromEntries(entries.map(([key, part]) => [key, resolve(part, stack)]));
  };
  return { resources, resolve };
};

const pseudo = (stack: string): Readonly<Record<string, string>> => ({
  'AWS::AccountId': LOCAL_ACCOUNT,
  'AWS::Region': LOCAL_REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stack,
  'AWS::StackId': `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT}:stack/${stack}/local`,
});

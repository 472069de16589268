import * as z from 'zod';
import { nearest } from '../core/nearest.ts';

/** One thing that is wrong with a configuration: where, what came, what was wanted. */
export interface ConfigProblem {
  /** As one would write it, e.g. `accounts[0].cps`. */
  readonly path: string;
  readonly came: string;
  readonly wanted: string;
}

/** What does not fit, one a line, ready to be shown. */
export const describeProblems = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ path, came, wanted }) => `  ${path}: got ${came}; ${wanted}`).join('\n');

/** @param root the name of the whole, which begins every path. */
export const problemsOf = (
  error: z.ZodError,
  schema: z.ZodType,
  input: unknown,
  root: string,
): ConfigProblem[] =>
  error.issues.flatMap((issue): ConfigProblem[] => {
    const path = pathText(root, issue.path);
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => {
        const near = nearest(key, known);
        return {
          path: `${path}.${key}`,
          came: 'an unknown key',
          wanted: near ? `did you mean ${near}?` : `known are ${known.join(', ')}`,
        };
      });
    }
    return [{ path, came: show(valueAt(input, issue.path)), wanted: issue.message }];
  });

const pathText = (root: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    root,
  );

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    input,
  );

/** The keys that the schema knows at a path; none where it is no object. */
const keysAt = (schema: z.ZodType, path: readonly PropertyKey[]): string[] => {
  let at: unknown = schema;
  for (const part of path) {
    at = bare(at);
    if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodObject) at = Reflect.get(at.shape, part);
  }
  at = bare(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
};

const bare = (schema: unknown): unknown =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
    ? bare(schema.unwrap())
    : schema;

import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

export const noFunction = (name: string): Failure =>
  new Failure('function-missing', `this system has no ${name}`, {
    came: 'templates of another version',
    wanted: `a function ${name}`,
    cure: 'npx smartflo-cdr start --once, or npx cdk deploy --all',
  });

export const functionFailed = (name: string, came: string): Failure =>
  new Failure('function-failed', `the ${name} failed`, {
    came,
    wanted: 'an invocation that ends well',
    cure: 'run the same command again; a defect deserves a report with the log',
    exit: EXIT.failed,
  });

import { facts } from '../columns.ts';
import { fittingConfiguration, type Setting, settingsOf } from '../configuration.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

const spelled = ({ value }: Setting): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every setting that a deployment from here would have. Nothing of it is secret. */
export const showConfig = (terminal: Terminal, { origin }: { readonly origin?: boolean }): ExitCode => {
  const configuration = fittingConfiguration();
  const { file } = configuration;
  const settings = settingsOf(configuration);
  const from = (setting: Setting) => (setting.origin === 'file' ? file : 'default');
  if (terminal.manners.json) {
    terminal.document('config/1', {
      file,
      settings: settings.map((setting) => ({ ...setting, origin: from(setting) })),
    });
    return EXIT.ok;
  }
  const widest = Math.max(...settings.map((setting) => from(setting).length));
  const value = (setting: Setting) =>
    origin ? `${from(setting).padEnd(widest)}  ${spelled(setting)}` : spelled(setting);
  terminal.print(
    facts(
      settings.map((setting) => [setting.path, value(setting)]),
      terminal.output.columns,
    ),
  );
  terminal.say('\nnext: docs/configuring.md says what each means');
  return EXIT.ok;
};

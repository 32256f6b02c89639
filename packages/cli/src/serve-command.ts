import { type ConfigKey, configKeys, optionNameOf, optionTextOf, variableNameOf } from '@spanwise/server';
import { Command, Option } from 'commander';
import { serve } from './serve.ts';

/** `spanwise serve`, with one flag per key of the configuration. */
export function createServeCommand(): Command {
  const command = new Command('serve')
    .description('Runs the tracing backend and its UI, all in this process (the database is a child of it).')
    .helpOption('-h, --help', 'print this help')
    .addOption(
      new Option('--config <file>', 'YAML or JSON file with these options as keys').helpGroup(
        'Configuration:',
      ),
    )
    .addHelpText(
      'after',
      `
Each option is also a variable (--query-port is ${variableNameOf('queryPort')}) and a key of the
configuration file (query-port). A flag goes before a variable, a variable before the file.`,
    )
    .exitOverride()
    .action((flags: Readonly<Record<string, string | readonly string[]>>) => serve(flags));
  for (const key of configKeys) command.addOption(optionOf(key));
  return command;
}

function optionOf(key: ConfigKey): Option {
  const text = optionTextOf(key);
  const suffix = text.default === undefined ? '' : ` (default: ${text.default})`;
  const option = new Option(
    `--${optionNameOf(key)} <${text.placeholder}>`,
    `${text.description}${text.isList ? '; repeatable' : ''}${suffix}`,
  ).helpGroup(`${text.group}:`);
  if (text.isList) option.argParser((value, previous: readonly string[] = []) => [...previous, value]);
  // What this version refuses is named in the docs, not offered in the help.
  return text.allowed.startsWith('not available') ? option.hideHelp() : option;
}

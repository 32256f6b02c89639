import { databaseNamePattern, defaultDatabase, schemaStatements } from '@spanwise/store';
import { Command, InvalidArgumentError } from 'commander';

/** `spanwise schema`: the tables as SQL, for whoever makes or checks them by hand. */
export function createSchemaCommand(): Command {
  return new Command('schema')
    .description('Prints the SQL of all tables, as this version makes them in an empty database.')
    .helpOption('-h, --help', 'print this help')
    .option(
      '--cluster <name>',
      'for a cluster of this name in the configuration of your servers',
      clusterName,
    )
    .option('--database <name>', 'database to put them in', databaseName, defaultDatabase)
    .addHelpText(
      'after',
      `
For a cluster, tables are replicated and have a front over all shards; a trace is whole on one shard. Each server
needs the macros {shard} and {replica}. Spanwise does not use a cluster yet: docs/storage.md.`,
    )
    .exitOverride()
    .action(({ cluster, database }: { readonly cluster?: string; readonly database: string }) => {
      const statements = schemaStatements(database, cluster);
      process.stdout.write(`${statements.map((statement) => `${statement};\n`).join('\n')}`);
    });
}

function clusterName(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Allowed: letters, digits, _, . and -.');
}

function databaseName(text: string): string {
  if (databaseNamePattern.test(text)) return text;
  throw new InvalidArgumentError('Allowed: letters, digits and _.');
}

#!/usr/bin/env node
import { version } from '@spanwise/server';
import { Command, CommanderError } from 'commander';
import { createBackupCommand } from './backup-command.ts';
import { createCopyCommand } from './copy-command.ts';
import { createDoctorCommand } from './doctor-command.ts';
import { createLogsCommand } from './logs-command.ts';
import { createPurgeCommand } from './purge-command.ts';
import { createRestoreCommand } from './restore-command.ts';
import { createSchemaCommand } from './schema-command.ts';
import { createSearchCommand } from './search-command.ts';
import { createServeCommand } from './serve-command.ts';

const program = new Command('spanwise')
  .description('Follows a request through every service and every step of an AI agent.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .showHelpAfterError('(spanwise --help shows what there is)')
  .exitOverride()
  .addCommand(createServeCommand())
  .addCommand(createBackupCommand())
  .addCommand(createRestoreCommand())
  .addCommand(createCopyCommand())
  .addCommand(createDoctorCommand())
  .addCommand(createPurgeCommand())
  .addCommand(createSchemaCommand())
  .addCommand(createLogsCommand())
  .addCommand(createSearchCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed it. Help asked for is success; any other complaint is about how we were called.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

import { BackupError, ConfigError, ControlError } from '@spanwise/server';
import { DatabaseTakenError, DataFolderTakenError, EngineError } from '@spanwise/store';

const told = [BackupError, ConfigError, ControlError, DataFolderTakenError, DatabaseTakenError, EngineError];

/** Runs what a command does. What an operator can do something about is one line and an exit code, not a stack. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTold = told.some((kind) => error instanceof kind) || typeof code === 'string';
    if (!isTold) throw error;
    process.stderr.write(`spanwise: ${(error as Error).message}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}

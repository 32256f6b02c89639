import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { defaultDataDir } from '@spanwise/server';
import { Option } from 'commander';

/** As `spanwise serve` has it, variable included. */
export function dataDirOption(description: string): Option {
  return new Option('--data-dir <folder>', description)
    .env('SPANWISE_DATA_DIR')
    .default(defaultDataDir(process.platform, process.env, homedir()))
    .argParser((path) => resolve(path));
}

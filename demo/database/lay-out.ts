import { openDatabase } from './open-database.ts';

/** Run by main.ts in a process of its own: fills an empty data folder and goes. */
process.once('disconnect', () => process.exit(1));
const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: lay-out.ts <directory>');
const database = await openDatabase(directory);
await database.close();
process.exit(0);

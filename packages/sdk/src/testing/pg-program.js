/** A program that asks a database which is not there. Run with `--import @spanwise/sdk/register`. */
import { createRequire } from 'node:module';
import imported from 'pg';

const pg = process.env.BY === 'require' ? createRequire(import.meta.url)('pg') : imported;
const client = new pg.Client({ host: '127.0.0.1', port: 1 });
await client.connect().catch((error) => console.log(error.code));

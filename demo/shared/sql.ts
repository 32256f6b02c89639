import pg from 'pg';

/** What a service needs of a database: one statement at a time. */
export interface Sql {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

export interface SqlPool extends Sql {
  end(): Promise<void>;
}

/** Few: the database of the demo runs one statement at a time whoever sends it. */
const MAX_CONNECTIONS = 3;
const CONNECT_TIMEOUT_MILLIS = 5000;
const STATEMENT_TIMEOUT_MILLIS = 10_000;

export function createSqlPool(databaseUrl: string): SqlPool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLIS,
    query_timeout: STATEMENT_TIMEOUT_MILLIS,
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {});
  return {
    query: (text, values) => pool.query(text, values === undefined ? undefined : [...values]),
    end: () => pool.end(),
  };
}

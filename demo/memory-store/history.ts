import type { Sql } from '../shared/sql.ts';

export interface HistoryMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** A session keeps its newest messages only; older ones go as new ones come. */
export const MAX_MESSAGES_KEPT = 200;

export interface History {
  createTable(): Promise<void>;
  /** The newest `limit` messages of a session, oldest of them first. Empty for a session nobody has seen. */
  read(sessionId: string, limit: number): Promise<HistoryMessage[]>;
  /** @returns how many messages the session has now. */
  append(sessionId: string, messages: readonly HistoryMessage[]): Promise<number>;
}

export function createHistory(sql: Sql): History {
  return {
    async createTable() {
      await sql.query(`
        CREATE TABLE IF NOT EXISTS messages (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          session_id text NOT NULL,
          role text NOT NULL CHECK (role IN ('user', 'assistant')),
          content text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now()
        )`);
      await sql.query('CREATE INDEX IF NOT EXISTS messages_by_session ON messages (session_id, id)');
    },

    async read(sessionId, limit) {
      const { rows } = await sql.query<{ role: HistoryMessage['role']; content: string }>(
        'SELECT role, content FROM messages WHERE session_id = $1 ORDER BY id DESC LIMIT $2',
        [sessionId, limit],
      );
      return rows.reverse();
    },

    async append(sessionId, messages) {
      await sql.query(
        `INSERT INTO messages (session_id, role, content)
         SELECT $1, role, content FROM unnest($2::text[], $3::text[]) AS added (role, content)`,
        [sessionId, messages.map((message) => message.role), messages.map((message) => message.content)],
      );
      await sql.query(
        `DELETE FROM messages WHERE session_id = $1 AND id <=
           (SELECT id FROM messages WHERE session_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)`,
        [sessionId, MAX_MESSAGES_KEPT],
      );
      const { rows } = await sql.query<{ count: number }>(
        'SELECT count(*)::integer AS count FROM messages WHERE session_id = $1',
        [sessionId],
      );
      return rows[0]?.count ?? 0;
    },
  };
}

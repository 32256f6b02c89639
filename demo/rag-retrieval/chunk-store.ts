import type { Sql } from '../shared/sql.ts';
import type { Chunk } from './chunk.ts';

export interface ScoredChunk extends Chunk {
  /** Higher is better. */
  readonly score: number;
}

export interface ChunkStore {
  /** True if these chunks, by this fingerprint of texts and model, are what the table holds. */
  holds(fingerprint: string): Promise<boolean>;
  /** Replaces everything. */
  replaceAll(
    chunks: readonly Chunk[],
    vectors: readonly (readonly number[])[],
    fingerprint: string,
  ): Promise<void>;
  /** The `count` chunks nearest to a vector, by cosine. */
  findNearest(vector: readonly number[], count: number): Promise<ScoredChunk[]>;
}

/** Chunks in Postgres with pgvector. A few hundred rows are compared one by one, which is exact and takes 1 ms. */
export function createChunkStore(sql: Sql): ChunkStore {
  return {
    async holds(fingerprint) {
      await sql.query('CREATE EXTENSION IF NOT EXISTS vector');
      await sql.query('CREATE TABLE IF NOT EXISTS handbook (fingerprint text NOT NULL)');
      const { rows } = await sql.query('SELECT 1 FROM handbook WHERE fingerprint = $1', [fingerprint]);
      return rows.length > 0;
    },

    async replaceAll(chunks, vectors, fingerprint) {
      const dimensions = vectors[0]?.length ?? 0;
      await sql.query('TRUNCATE handbook');
      await sql.query('DROP TABLE IF EXISTS chunks');
      await sql.query(`
        CREATE TABLE chunks (
          id text PRIMARY KEY,
          title text NOT NULL,
          text text NOT NULL,
          embedding vector(${dimensions}) NOT NULL
        )`);
      await sql.query(
        `INSERT INTO chunks (id, title, text, embedding)
         SELECT id, title, text, embedding::vector
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS added (id, title, text, embedding)`,
        [
          chunks.map((chunk) => chunk.id),
          chunks.map((chunk) => chunk.title),
          chunks.map((chunk) => chunk.text),
          vectors.map(formatVector),
        ],
      );
      // Last, so that a start that was cut short begins again.
      await sql.query('INSERT INTO handbook (fingerprint) VALUES ($1)', [fingerprint]);
    },

    async findNearest(vector, count) {
      const { rows } = await sql.query<{ id: string; title: string; text: string; score: number }>(
        `SELECT id, title, text, 1 - (embedding <=> $1::vector) AS score
         FROM chunks ORDER BY embedding <=> $1::vector LIMIT $2`,
        [formatVector(vector), count],
      );
      return rows;
    },
  };
}

/** As pgvector reads it: `[0.1,-0.2]`. */
function formatVector(vector: readonly number[]): string {
  return `[${vector.join(',')}]`;
}

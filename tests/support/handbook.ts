import pg from 'pg';
import type { RunningSystem } from './start-system.ts';

/** Puts a page into the demo's handbook, as its own indexing does: vector from the proxy, row into the table. */
export async function insertHandbookPage(
  system: RunningSystem,
  page: { readonly title: string; readonly text: string },
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${system.ports['llm-proxy']}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: [`${page.title}\n${page.text}`] }),
  });
  const { data } = (await response.json()) as { data: { embedding: number[] }[] };
  const database = new pg.Client(`postgres://postgres@127.0.0.1:${system.ports.database}/postgres`);
  await database.connect();
  try {
    await database.query('INSERT INTO chunks (id, title, text, embedding) VALUES ($1, $2, $3, $4::vector)', [
      `test#${page.title}`,
      page.title,
      page.text,
      JSON.stringify(data[0]?.embedding),
    ]);
  } finally {
    await database.end();
  }
}

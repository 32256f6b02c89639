import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Chunk, chunkDocument } from './chunk.ts';
import type { ChunkStore } from './chunk-store.ts';
import type { Embed } from './embedder.ts';

const BATCH_SIZE = 64;

/**
 * Reads, chunks, embeds and stores the handbook, unless the store holds exactly this already.
 * @returns the number of chunks.
 */
export async function indexHandbook(
  directory: URL,
  { embed, store }: { readonly embed: Embed; readonly store: ChunkStore },
): Promise<number> {
  const chunks = await readChunks(directory);
  // Asking for one vector tells which model there is; with another model all vectors have to be made again.
  const { model } = await embed(['model?']);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([model, chunks]))
    .digest('hex');
  if (await store.holds(fingerprint)) return chunks.length;
  const vectors: (readonly number[])[] = [];
  for (let start = 0; start < chunks.length; start += BATCH_SIZE) {
    const batch = chunks.slice(start, start + BATCH_SIZE);
    vectors.push(...(await embed(batch.map(({ title, text }) => `${title}\n${text}`))).vectors);
  }
  await store.replaceAll(chunks, vectors, fingerprint);
  return chunks.length;
}

export async function readChunks(directory: URL): Promise<Chunk[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.md')).sort();
  const chunks: Chunk[] = [];
  for (const file of files) {
    const markdown = await readFile(new URL(file, directory), 'utf8');
    chunks.push(...chunkDocument(file.slice(0, -'.md'.length), markdown));
  }
  return chunks;
}

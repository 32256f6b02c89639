import type { RunningSystem } from './start-system.ts';

/** Puts a page into the demo's handbook, as its own seeding does: chunk, vector, row. */
export async function insertHandbookPage(
  _system: RunningSystem,
  _page: { readonly title: string; readonly text: string },
): Promise<void> {
  throw new Error('not built yet');
}

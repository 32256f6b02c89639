import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPrices } from './read-prices.ts';

it('reads the file that docs/cost.md shows', () => {
  const text = readFileSync(fileURLToPath(new URL('../../../../docs/cost.md', import.meta.url)), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'spanwise-prices-'));
  try {
    const file = join(folder, 'prices.json');
    writeFileSync(file, /```json\n(.*?)```/s.exec(text)![1]!);
    expect(readPrices(file)).toHaveLength(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

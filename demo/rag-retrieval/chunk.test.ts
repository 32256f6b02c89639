import { describe, expect, it } from 'vitest';
import { chunkDocument } from './chunk.ts';
import { readChunks } from './index-handbook.ts';

describe('chunkDocument', () => {
  it('takes the title, and a chunk for each paragraph', () => {
    expect(chunkDocument('tea', '# Hot water\n\nPress Hot Water.\nWait.\n\nDo not touch.\n')).toEqual([
      { id: 'tea#1', title: 'Hot water', text: 'Press Hot Water. Wait.' },
      { id: 'tea#2', title: 'Hot water', text: 'Do not touch.' },
    ]);
  });

  it('cuts a long paragraph between sentences and loses none', () => {
    const sentences = Array.from({ length: 30 }, (_, index) => `This is sentence number ${index} of many.`);
    const chunks = chunkDocument('long', `# Long\n\n${sentences.join(' ')}`);
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) expect(chunk.text.split(' ').length).toBeLessThanOrEqual(90);
    expect(chunks.map((chunk) => chunk.text).join(' ')).toBe(sentences.join(' '));
  });

  it('goes without a title or a text', () => {
    expect(chunkDocument('note', 'Only text.')).toEqual([
      { id: 'note#1', title: 'note', text: 'Only text.' },
    ]);
    expect(chunkDocument('empty', '# Empty\n')).toEqual([]);
  });
});

describe('the handbook', () => {
  it('has 60 documents or more, each with a title of its own', async () => {
    const chunks = await readChunks(new URL('./handbook/', import.meta.url));
    const firsts = chunks.filter((chunk) => chunk.id.endsWith('#1'));
    expect(firsts.length).toBeGreaterThanOrEqual(60);
    expect(new Set(firsts.map((chunk) => chunk.title)).size).toBe(firsts.length);
    expect(new Set(chunks.map((chunk) => chunk.text)).size).toBe(chunks.length);
  });
});

/** A piece of a document, small enough that all of it is about one thing. */
export interface Chunk {
  /** `descaling-the-machine#1`: the document's file and the piece's place in it, from 1. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const MAX_CHUNK_WORDS = 90;

/**
 * Cuts a Markdown document (`# Title`, then paragraphs) into chunks: whole paragraphs where they fit, whole
 * sentences where they do not. No sentence is cut or lost.
 */
export function chunkDocument(name: string, markdown: string): Chunk[] {
  const title = /^# (.+)$/m.exec(markdown)?.[1]?.trim() ?? name;
  const body = markdown.replace(/^# .+$/m, '');
  const texts: string[] = [];
  for (const paragraph of body.split(/\n\s*\n/)) {
    const text = paragraph.replace(/\s+/g, ' ').trim();
    if (text !== '') texts.push(...packSentences(text));
  }
  return texts.map((text, index) => ({ id: `${name}#${index + 1}`, title, text }));
}

function packSentences(paragraph: string): string[] {
  const packed: string[] = [];
  let current: string[] = [];
  let words = 0;
  for (const sentence of paragraph.split(/(?<=[.!?])\s+/)) {
    const length = sentence.split(' ').length;
    if (current.length > 0 && words + length > MAX_CHUNK_WORDS) {
      packed.push(current.join(' '));
      current = [];
      words = 0;
    }
    current.push(sentence);
    words += length;
  }
  if (current.length > 0) packed.push(current.join(' '));
  return packed;
}

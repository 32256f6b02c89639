export const EMBEDDING_DIMENSIONS = 256;

/** Letters in a row that count as one feature, beside whole words. */
const GRAM_LENGTHS = [3, 4] as const;

/**
 * A vector of length 1 for a text: each word and each run of three and four letters adds to one dimension,
 * chosen by a hash. Texts that share words and word parts lie near each other; meaning beyond that is not seen.
 */
export function embed(text: string): number[] {
  const vector = new Array<number>(EMBEDDING_DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const weight = weightOf(word);
    addFeature(vector, word, weight);
    const padded = `<${word}>`;
    for (const length of GRAM_LENGTHS) {
      for (let start = 0; start + length <= padded.length; start++) {
        addFeature(vector, padded.slice(start, start + length), weight / 2);
      }
    }
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Short words are the frequent ones and say little; a word with a digit (`e05`) is a name and says much. */
function weightOf(word: string): number {
  if (/\d/.test(word)) return 2;
  return word.length > 3 ? 1 : 0.2;
}

/** One bit of the hash gives the sign, so that collisions cancel out instead of adding up. */
function addFeature(vector: number[], feature: string, weight: number): void {
  const hash = hashFnv1a(feature);
  const dimension = hash % EMBEDDING_DIMENSIONS;
  vector[dimension] = (vector[dimension] ?? 0) + ((hash >>> 31) & 1 ? -weight : weight);
}

/** FNV-1a, 32 bits, over UTF-16 units. */
function hashFnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

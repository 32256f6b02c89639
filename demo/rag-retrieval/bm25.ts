/** How quickly a repeated word stops counting, and how much long texts are held back (Robertson and Zaragoza, 2009). */
const K1 = 1.2;
const B = 0.75;

/**
 * Okapi BM25: how well each text answers a query by the words they share. A word counts more the fewer texts
 * have it. Scores are comparable within one call only.
 */
export function scoreBm25(query: string, texts: readonly string[]): number[] {
  const documents = texts.map(termsOf);
  const averageLength =
    documents.reduce((sum, terms) => sum + terms.length, 0) / Math.max(1, documents.length);
  const counts = documents.map(countTerms);
  const queryTerms = new Set(termsOf(query));
  return documents.map((terms, index) => {
    let score = 0;
    for (const term of queryTerms) {
      const frequency = counts[index]?.get(term) ?? 0;
      if (frequency === 0) continue;
      const holders = counts.filter((count) => count.has(term)).length;
      const rarity = Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5));
      const length = 1 - B + B * (terms.length / averageLength);
      score += (rarity * frequency * (K1 + 1)) / (frequency + K1 * length);
    }
    return score;
  });
}

/** Words in lower case, without the commonest endings. */
function termsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => (word.length > 4 ? word.replace(/(?:ing|ed|es|e|s)$/, '') : word));
}

function countTerms(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

import { stemsOf } from './words.ts';

/** One numbered piece of the context: `[1] Title`, then its text. */
export interface Excerpt {
  readonly title: string;
  readonly text: string;
}

const EXCERPT_HEAD = /^\[\d+\] (.+)$/m;
const MAX_SENTENCES = 4;
/** About 90 tokens: as long as an answer in a chat should be. */
const MAX_CHARACTERS = 380;

export const NOT_FOUND =
  'I could not find that in the handbook. Ask me about brewing, cleaning, error codes, orders or shipping.';

/** The excerpts that a prompt carries, in order. */
export function parseExcerpts(prompt: string): Excerpt[] {
  const parts = prompt.split(EXCERPT_HEAD);
  const excerpts: Excerpt[] = [];
  for (let index = 1; index + 1 < parts.length; index += 2) {
    excerpts.push({ title: (parts[index] ?? '').trim(), text: (parts[index + 1] ?? '').trim() });
  }
  return excerpts;
}

/**
 * Answers by quoting: from the excerpt that speaks most of what was asked, the sentences that match best, in
 * their order. A rare word counts more than one that all excerpts have.
 */
export function extractAnswer(question: string, excerpts: readonly Excerpt[]): string {
  const asked = [...new Set(stemsOf(question))];
  const stemSets = excerpts.map(({ title, text }) => new Set(stemsOf(`${title} ${text}`)));
  const weightOf = new Map(
    asked.map((stem) => {
      const holders = stemSets.filter((stems) => stems.has(stem)).length;
      return [stem, Math.log(1 + (excerpts.length + 1) / (holders + 0.5))];
    }),
  );
  const score = (stems: ReadonlySet<string>) =>
    asked.reduce((sum, stem) => sum + (stems.has(stem) ? (weightOf.get(stem) ?? 0) : 0), 0);

  let bestMatch: { readonly excerpt: Excerpt; readonly score: number } | undefined;
  for (const [index, excerpt] of excerpts.entries()) {
    const inTitle = score(new Set(stemsOf(excerpt.title)));
    const inText = score(stemSets[index] ?? new Set());
    // The retrieval's order decides where words do not.
    const total = inText + inTitle - index * 0.01;
    if (inText > 0 && total > (bestMatch?.score ?? 0)) bestMatch = { excerpt, score: total };
  }
  if (bestMatch === undefined) return NOT_FOUND;

  const { title, text } = bestMatch.excerpt;
  const sentences = splitSentences(text);
  const wantsSteps = /^\s*(?:and |so )?how (?:do|can|should|to)\b/i.test(question);
  const scores = sentences.map((sentence, index) => {
    const base = score(new Set(stemsOf(sentence)));
    const step = wantsSteps && base > 0 && /^(?:To|Hold|Press|Open|Choose) /.test(sentence) ? 1 : 0;
    return base + step - index * 0.01;
  });
  const best = scores.indexOf(Math.max(...scores));
  // A second sentence often says "them"; with the first one before it, it is understood.
  const first = best === 1 && !wantsSteps && (scores[0] ?? 0) > 0 ? 0 : best;
  return `${takeFrom(sentences, first)} (Handbook: ${title})`;
}

/** What follows the best sentence belongs to it, up to a chat's length. */
function takeFrom(sentences: readonly string[], first: number): string {
  const taken: string[] = [];
  let length = 0;
  for (const sentence of sentences.slice(first, first + MAX_SENTENCES)) {
    length += sentence.length + 1;
    if (taken.length > 0 && length > MAX_CHARACTERS) break;
    taken.push(sentence);
  }
  return taken.join(' ');
}

function splitSentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+(?=\p{Lu}|\d)/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

/** Words that say nothing about what a sentence is about. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about after again all also am an and any are as at be because been before being but by can could did do does
  doing down for from get gets give go had has have how i if in into is it its just like long make many me mine more
  most much my need no nor not now of off on once one only or other our out over own please s same she should so some
  such t tell than that the their them then there these they this those to too under until up use very was we were
  what when where which while who why will with would you your mean means machine brightcup`.split(/\s+/),
);

const SUFFIX = /(?:ations?|ings?|ers?|ed|es|e|s|y)$/;

/** The words of a text that carry meaning, in lower case, without their endings: `descaling` and `descale` are one. */
export function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map(stem);
}

function stem(word: string): string {
  const stemmed = word.replace(SUFFIX, '');
  return stemmed.length >= 3 ? stemmed : word;
}

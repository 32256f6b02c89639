/** One condition of a search: this attribute has this text form. */
export interface SearchTag {
  readonly key: string;
  readonly value: string;
}

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** For people: what is wrong, and where. */
  | { readonly ok: false; readonly message: string };

const term = /\s*(?:([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$))/y;

/**
 * Parses `key=value other="two words" third="say \"hi\""`: blanks separate, all must hold, every value is text.
 * Gives: the terms in order; a repeated key stays repeated.
 */
export function parseLogfmt(text: string): Parsed<readonly SearchTag[]> {
  const tags: SearchTag[] = [];
  const end = text.trimEnd().length;
  term.lastIndex = 0;
  for (let at = 0; at < end; at = term.lastIndex) {
    term.lastIndex = at;
    const [, key, quoted, bare] = term.exec(text) ?? [];
    if (key === undefined) {
      const rest = text.slice(at).trim();
      return { ok: false, message: `expected key=value at ${JSON.stringify(rest.slice(0, 40))}` };
    }
    tags.push({ key, value: quoted?.replace(/\\(.)/gs, '$1') ?? bare ?? '' });
  }
  return { ok: true, value: tags };
}

import { filterBounds } from './filter-bounds.ts';

/** What is wrong with a pattern, and where in it. */
export interface PatternError {
  readonly message: string;
  /** Characters before it. */
  readonly at: number;
}

/**
 * Whether a text is a pattern of RE2: the part of regular expressions that any engine can run in linear time. Knows
 * brackets, repeats and what RE2 leaves out; escapes and classes in detail are the engine's to judge.
 * Absence: undefined when nothing is wrong. (RE2, doc/syntax.txt.)
 */
export function checkPattern(pattern: string): PatternError | undefined {
  if (pattern.length > filterBounds.patternCharacters) {
    return { message: `a pattern has at most ${filterBounds.patternCharacters} characters`, at: 0 };
  }
  const opened: number[] = [];
  /** How often what stands here is repeated by the groups around it, and what was just closed. */
  const repeats: number[] = [1];
  let last: 'nothing' | 'piece' | 'repeat' = 'nothing';
  let lastRepeats = 1;
  let at = 0;
  while (at < pattern.length) {
    const character = pattern[at]!;
    if (character === '\\') {
      const error = checkEscape(pattern, at);
      if (error !== undefined) return error;
      last = 'piece';
      lastRepeats = 1;
      at += escapeLength(pattern, at);
    } else if (character === '[') {
      const end = endOfClass(pattern, at);
      if (end === undefined) return { message: '`[` without its `]`', at };
      last = 'piece';
      lastRepeats = 1;
      at = end;
    } else if (character === '(') {
      const group = groupAt(pattern, at);
      if (group === undefined) return { message: 'RE2 has no groups of this kind', at };
      opened.push(at);
      repeats.push(1);
      last = 'nothing';
      at += group;
    } else if (character === ')') {
      if (opened.pop() === undefined) return { message: '`)` without its `(`', at };
      lastRepeats = repeats.pop()!;
      repeats.push(Math.max(repeats.pop()!, lastRepeats));
      last = 'piece';
      at += 1;
    } else if (character === '|') {
      last = 'nothing';
      at += 1;
    } else {
      const repeat = /[*+?]\??|\{(\d+)(,\d*)?\}\??/y;
      repeat.lastIndex = at;
      const found = repeat.exec(pattern);
      if (found === null) {
        last = 'piece';
        lastRepeats = 1;
        at += 1;
        continue;
      }
      if (last !== 'piece') return { message: `\`${found[0]}\` repeats nothing`, at };
      const most = Math.max(Number(found[1] ?? 1), Number(found[2]?.slice(1) || 1));
      lastRepeats *= most;
      if (lastRepeats > filterBounds.patternRepeats) {
        return { message: `RE2 repeats at most ${filterBounds.patternRepeats} times`, at };
      }
      repeats.push(Math.max(repeats.pop()!, lastRepeats));
      last = 'repeat';
      at += found[0].length;
    }
  }
  const unclosed = opened.at(-1);
  return unclosed === undefined ? undefined : { message: '`(` without its `)`', at: unclosed };
}

/** `\pL`, `\p{Greek}`, `\x{10ffff}`: what stands in the braces is no repeat. */
function escapeLength(pattern: string, at: number): number {
  const braced = /\\[pPx]\{[^}]*\}/y;
  braced.lastIndex = at;
  return braced.exec(pattern)?.[0].length ?? 2;
}

function checkEscape(pattern: string, at: number): PatternError | undefined {
  const escaped = pattern[at + 1];
  if (escaped === undefined) return { message: 'a backslash at the end', at };
  if (/[1-9k]/.test(escaped)) return { message: 'RE2 has no references to groups', at };
  // Quoting to `\E` would hide the brackets that we put around a pattern.
  if (/[QEC]/.test(escaped)) return { message: `\`\\${escaped}\` is not allowed here`, at };
  return undefined;
}

/** Length of what opens a group: `(`, `(?:`, `(?i)`, `(?P<name>`. Absence: undefined for what RE2 lacks. */
function groupAt(pattern: string, at: number): number | undefined {
  if (pattern[at + 1] !== '?') return 1;
  const named = /\(\?P?<[A-Za-z_]\w*>/y;
  const flags = /\(\?[imsU]*(?:-[imsU]+)?:/y;
  for (const opening of [named, flags]) {
    opening.lastIndex = at;
    const found = opening.exec(pattern);
    if (found !== null) return found[0].length;
  }
  // `(?i)` closes itself: its `)` is read as any other.
  const alone = /\(\?(?:[imsU]+(?:-[imsU]+)?|-[imsU]+)(?=\))/y;
  alone.lastIndex = at;
  return alone.exec(pattern)?.[0].length;
}

/** Behind the `]`. A `]` in first place stands for itself. */
function endOfClass(pattern: string, at: number): number | undefined {
  let index = at + 1;
  if (pattern[index] === '^') index += 1;
  if (pattern[index] === ']') index += 1;
  while (index < pattern.length) {
    if (pattern[index] === ']') return index + 1;
    if (pattern.startsWith('[:', index)) {
      const end = pattern.indexOf(':]', index + 2);
      index = end === -1 ? index + 1 : end + 2;
    } else index += pattern[index] === '\\' ? 2 : 1;
  }
  return undefined;
}

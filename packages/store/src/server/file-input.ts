import { quote } from '../sql/bind.ts';

/*
 * A server can't read our files. A statement that reads one says `input('structure')`, and the file's bytes are
 * its body. Which file that is stands in a comment behind it, so that SQL made with `Engine.fileSource` is all
 * that an engine needs.
 */

const marked = /input\('(?:[^'\\]|\\.)*'\) \/\* spanwise file ([A-Za-z0-9_-]+) \*\//g;

export function fileInput(path: string, structure: string): string {
  return `input(${quote(structure)}) /* spanwise file ${Buffer.from(path).toString('base64url')} */`;
}

/**
 * The file that a statement reads. Absence: undefined when it reads none.
 * @throws TypeError when it reads more than one, or one twice: the body is read once.
 */
export function fileOf(sql: string): string | undefined {
  const [match, ...more] = sql.matchAll(marked);
  if (more.length > 0) throw new TypeError('a statement reads one file, once');
  return match === undefined ? undefined : Buffer.from(match[1]!, 'base64url').toString();
}

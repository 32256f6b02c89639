import type { Readable } from 'node:stream';
import { engineErrorFrom } from '../error-codes.ts';

/**
 * Reads an answer to its end. A server that fails after it has begun to answer says so behind the rows, under the
 * tag of its header, or only cuts the connection. (ClickHouse, HTTP interface, `X-ClickHouse-Exception-Tag`.)
 * Errors: `EngineError` for what the server says; what the stream says otherwise.
 */
export async function readBody(
  stream: Readable,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let broken: unknown;
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch (error) {
    broken = error ?? new Error('the answer ended early');
  }
  const bytes = Buffer.concat(chunks);
  const tag = headers['x-clickhouse-exception-tag'];
  if (typeof tag === 'string') {
    const text = exceptionBehind(bytes, tag);
    if (text !== undefined) {
      throw engineErrorFrom(text, Number(/Code: (\d+)/.exec(text)?.[1]) || undefined);
    }
  }
  if (broken !== undefined) throw broken;
  return bytes;
}

/** `\r\n__exception__\r\n<tag>\r\n<text>\n<length> <tag>\r\n__exception__\r\n`. Absence: undefined. */
function exceptionBehind(bytes: Buffer, tag: string): string | undefined {
  const mark = `\r\n__exception__\r\n`;
  const end = bytes.lastIndexOf(` ${tag}${mark}`);
  if (end === -1 || end + tag.length + mark.length + 1 !== bytes.length) return undefined;
  const begin = bytes.lastIndexOf(`${mark}${tag}\r\n`, end);
  if (begin === -1) return undefined;
  return bytes.subarray(begin + mark.length + tag.length + 2, end).toString();
}

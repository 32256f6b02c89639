import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { CreditShare } from './byte-credit.ts';

export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'zstd';

const codings: ReadonlyMap<string, ContentCoding> = new Map([
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
]);

/** Of a `Content-Encoding` header. Absence: undefined for one that we don't have. */
export function findContentCoding(header: string | undefined): ContentCoding | undefined {
  return codings.get((header ?? '').trim().toLowerCase() || 'identity');
}

export interface BodySettings {
  readonly coding: ContentCoding;
  /** Of what comes out. */
  readonly limitBytes: number;
  /** Of what goes in, where the sender said so. */
  readonly encodedBytes: number | undefined;
  readonly credit: CreditShare;
}

export type Body =
  /** Memory of its own, not of a pool: it may be handed to a worker. */
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' | 'no_credit' | 'corrupt' | 'aborted' };

/**
 * Reads a request's body and undoes its compression, never holding more than was credited. What comes out is
 * bounded while it comes out, so a small body that unpacks to a huge one costs no more than `limitBytes`.
 */
export async function readBody(
  source: Readable | AsyncIterable<Uint8Array>,
  settings: BodySettings,
): Promise<Body> {
  const { coding, limitBytes, encodedBytes, credit } = settings;
  if (encodedBytes !== undefined && encodedBytes > limitBytes) return { kind: 'too_large' };
  const collector = new BodyCollector(settings);
  if (encodedBytes !== undefined && !credit.take(encodedBytes)) return { kind: 'no_credit' };
  let isSourceDone = false;
  async function* watched() {
    for await (const chunk of source) yield chunk as Uint8Array;
    isSourceDone = true;
  }
  try {
    if (coding === 'identity') {
      for await (const chunk of watched()) collector.add(chunk);
    } else {
      const chunks = peekable(watched());
      const first = await chunks.first;
      // An empty body is an empty request, whatever it says about its compression.
      if (first !== undefined) {
        await pipeline(chunks.all, createDecompressor(coding, first), async (output) => {
          for await (const chunk of output as AsyncIterable<Uint8Array>) collector.add(chunk);
        });
      }
    }
  } catch (error) {
    if (error instanceof StopReading) return { kind: error.kind };
    return { kind: isSourceDone || isZlibError(error) ? 'corrupt' : 'aborted' };
  }
  return { kind: 'body', bytes: collector.finish() };
}

/** Ends a read that must not go on; never leaves this file. */
class StopReading extends Error {
  readonly kind: 'too_large' | 'no_credit';

  constructor(kind: 'too_large' | 'no_credit') {
    super(kind);
    this.kind = kind;
  }
}

class BodyCollector {
  readonly #settings: BodySettings;
  /** Of an uncompressed body whose length is known: filled in place. */
  readonly #whole: Uint8Array | undefined;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(settings: BodySettings) {
    this.#settings = settings;
    if (settings.coding === 'identity' && settings.encodedBytes !== undefined) {
      this.#whole = new Uint8Array(settings.encodedBytes);
    }
  }

  add(chunk: Uint8Array): void {
    const { limitBytes, credit } = this.#settings;
    if (this.#length + chunk.length > limitBytes) throw new StopReading('too_large');
    if (this.#whole !== undefined) {
      // The transport holds senders to the length they told: more than that does not come.
      this.#whole.set(chunk, this.#length);
    } else {
      // Twice: `finish` copies the chunks together before they can go.
      if (!credit.take(2 * chunk.length)) throw new StopReading('no_credit');
      this.#chunks.push(chunk);
    }
    this.#length += chunk.length;
  }

  finish(): Uint8Array {
    if (this.#whole !== undefined) return this.#whole;
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }
}

/** 64 KiB: a request of average size unpacks in one or two steps. */
const chunkSize = 65_536;

function createDecompressor(coding: Exclude<ContentCoding, 'identity'>, firstChunk: Uint8Array): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip({ chunkSize });
    case 'deflate':
      return isZlib(firstChunk) ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize });
    case 'zstd':
      // 8 MiB of window at most, as RFC 9659 wants of senders: a frame may ask for gigabytes.
      return createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: 23 } });
  }
}

/** "deflate" means zlib (RFC 9110, 8.4.1.2), but some senders leave the two header bytes out. (RFC 1950, 2.2.) */
function isZlib(chunk: Uint8Array): boolean {
  const [method = 0, flags = 0] = chunk;
  return chunk.length < 2 || ((method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0);
}

function isZlibError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(Z_|ZSTD_|ERR_ZLIB|ERR_BUFFER)/.test(code);
}

function peekable(source: AsyncGenerator<Uint8Array>) {
  const first = source.next().then((result) => (result.done ? undefined : result.value));
  async function* all() {
    const chunk = await first;
    if (chunk !== undefined) yield chunk;
    yield* source;
  }
  return { first, all: all() };
}

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ContentMode, DecodeRequest } from '../../packages/server/src/pipeline/decode-result.ts';
import { RequestDecoder } from '../../packages/server/src/pipeline/request-decoder.ts';
import { readRows } from '../../packages/server/src/pipeline/testing/read-rows.ts';

/** What a file of the corpus is, by its name: `spans-agent.pb`, `logs-python.json`, `zipkin-v2.json`. */
export interface Seed {
  readonly name: string;
  readonly signal: DecodeRequest['signal'];
  readonly encoding: DecodeRequest['encoding'];
  readonly bytes: Buffer;
}

/** Noon of the day on which the corpus was captured: its times are inside the accepted window. */
const receivedAtMillis = Date.UTC(2026, 10, 23, 12);
const day = 86_400_000;

export function readCorpus(): readonly Seed[] {
  const folder = fileURLToPath(new URL('./corpus/', import.meta.url));
  return readdirSync(folder)
    .sort()
    .map((name) => ({
      name,
      signal: name.startsWith('logs-') ? 'logs' : 'spans',
      encoding: name.startsWith('zipkin-') ? 'zipkin' : name.endsWith('.json') ? 'json' : 'protobuf',
      bytes: readFileSync(folder + name),
    }));
}

const modes: readonly ContentMode[] = ['none', 'strict', 'hash', 'full'];

/** One decoder for each mode, used again and again as a worker uses its own: what one request leaves behind counts. */
export function createTargets(): readonly RequestDecoder[] {
  return modes.map(
    (contentMode) =>
      new RequestDecoder({
        contentMode,
        retentionMillis: { spans: 14 * day, logs: 7 * day },
        ...(contentMode === 'hash' && { contentKey: Buffer.from('a key for fuzzing only') }),
      }),
  );
}

/**
 * Decodes, and holds the result against its own promises.
 * Gives: what happened, in a word: inputs with a new one are worth mutating further.
 * Errors: `Error` for a finding.
 */
export function execute(decoder: RequestDecoder, seed: Omit<Seed, 'name'>, isChecked: boolean): string {
  const { signal, encoding } = seed;
  const body = new Uint8Array(seed.bytes);
  const result = decoder.decode({ signal, encoding, body, tenant: 0, receivedAtMillis });
  if (result.kind === 'invalid') {
    // 13 is internal: something was thrown that is not an answer to bad input.
    if (result.code === 13) throw new Error(result.message);
    return `${signal} ${encoding} ${result.message}`;
  }
  const { rows, rowOffsets, rowCount, received, rejected, reasons, counters } = result;
  if (received !== rowCount + rejected) throw new Error('received is not stored plus rejected');
  if (sum(reasons) !== rejected) throw new Error('rejected is not the sum of its reasons');
  if (rowOffsets.length !== rowCount) throw new Error('not one offset for each row');
  for (let row = 1; row < rowCount; row += 1) {
    if (rowOffsets[row]! <= rowOffsets[row - 1]!) throw new Error('offsets do not grow');
  }
  if (isChecked && readRows(signal, rows).length !== rowCount) throw new Error('rows do not read back');
  const events = [...Object.keys(reasons), ...Object.keys(counters)].sort();
  return `${signal} ${encoding} ${Math.min(rowCount, 3)} ${events.join(' ')}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

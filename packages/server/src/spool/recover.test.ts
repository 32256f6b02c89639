import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaVersion, structureOf } from '@spanwise/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { segmentName, sidePath } from './open-segment.ts';
import { Quarantine } from './quarantine.ts';
import { recoverSpool } from './recover.ts';
import { SegmentStore } from './segment-store.ts';
import { encodeHeader, encodeRecord, sideFormat } from './side-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-recover-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function newSpoolFolder(name: string): Promise<string> {
  const directory = join(folder, name);
  await mkdir(join(directory, 'quarantine'), { recursive: true });
  return directory;
}

/** The side file of a segment that is stored: its data are gone. */
async function writeStored(directory: string, seq: bigint, times: readonly number[]): Promise<void> {
  const header = encodeHeader({
    format: sideFormat,
    signal: 'spans',
    ingestSeq: String(seq),
    schemaVersion,
    structure: structureOf('spans'),
  });
  const records = times.map((atMillis, index) =>
    encodeRecord({
      dataBytes: 8,
      rowCount: 1,
      dataChecksum: 0,
      atMillis,
      requestHash: Buffer.from(`${seq}:${index}`),
    }),
  );
  await writeFile(sidePath(directory, segmentName(seq, 'spans')), Buffer.concat([header, ...records]));
}

describe('recovering side files of stored segments', () => {
  it('takes as many requests as a segment can hold', async () => {
    const directory = await newSpoolFolder('many');
    await writeStored(
      directory,
      1n,
      Array.from({ length: 200_000 }, (_, n) => n),
    );
    const { requests, stored } = await recoverSpool(
      directory,
      new Quarantine(join(directory, 'quarantine'), 10),
    );
    expect(requests).toHaveLength(200_000);
    expect(stored).toEqual([{ name: segmentName(1n, 'spans'), newestMillis: 199_999 }]);
  });

  it('gives them oldest first, so that the oldest is forgotten first', async () => {
    const directory = await newSpoolFolder('order');
    for (const seq of [1n, 2n, 3n]) await writeStored(directory, seq, [Number(seq) * 1_000]);
    const { stored } = await recoverSpool(directory, new Quarantine(join(directory, 'quarantine'), 10));
    expect(stored.map(({ newestMillis }) => newestMillis)).toEqual([1_000, 2_000, 3_000]);
    const files = new SegmentStore(directory, 10);
    for (const { name, newestMillis } of stored) files.keepRemembering(name, newestMillis);
    await files.forgetBefore(2_500);
    expect((await readdir(directory)).filter((file) => file.endsWith('.side'))).toEqual([
      `${segmentName(3n, 'spans')}.side`,
    ]);
  });
});

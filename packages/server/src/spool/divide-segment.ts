import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Segment } from '@spanwise/store';
import { type FoundRows, findRows } from '@spanwise/store/rows';
import type { SideRecord } from './side-file.ts';

/** Rows that no table takes, or that nobody can read. `bytes` are theirs, as they stand in the segment. */
export interface BadRows {
  readonly firstRow: number;
  readonly lastRow: number;
  /** Quotes no value. */
  readonly reason: string;
  readonly bytes: Uint8Array;
}

export interface DivideOptions {
  readonly segment: Segment;
  /** Of the segment's side file. */
  readonly records: readonly Pick<SideRecord, 'dataBytes' | 'rowCount'>[];
  /** Where the rows of a try stand while it lasts. */
  readonly partPath: string;
  /** Tries after which what still fails is set aside as it is, undivided. */
  readonly maxTries: number;
  /** Stores the rows of a part. Gives why they can't be stored; undefined when they are. Errors: what time cures. */
  readonly storePart: (part: Segment) => Promise<string | undefined>;
}

/**
 * Stores what can be stored of a segment that the engine refused as a whole, and gives the rest: halves that fail
 * are halved again, down to single rows. Can run again from the start at any time: rows that are stored are
 * counted, not stored again.
 */
export async function divideSegment(options: DivideOptions): Promise<readonly BadRows[]> {
  const { segment, records, partPath, maxTries, storePart } = options;
  const data = await readFile(segment.path);
  const { readable, bad } = splitRecords(data, segment, records);
  const todo: (readonly FoundRows[])[] = readable.length === 0 ? [] : [readable];
  let tries = 0;
  try {
    for (let rows = todo.pop(); rows !== undefined; rows = todo.pop()) {
      tries += 1;
      const bytes = Buffer.concat(rows.map(({ start, end }) => data.subarray(start, end)));
      const part = { firstRow: rows[0]!.firstRow, lastRow: rows.at(-1)!.lastRow };
      await writeFile(partPath, bytes, { mode: 0o600 });
      const reason = await storePart({ ...segment, path: partPath, rowCount: rows.length, part });
      if (reason === undefined) continue;
      if (rows.length === 1 || tries >= maxTries) bad.push({ ...part, reason, bytes });
      else {
        const middle = rows.length >> 1;
        todo.push(rows.slice(middle), rows.slice(0, middle));
      }
    }
  } finally {
    await rm(partPath, { force: true });
  }
  return bad.toSorted((a, b) => a.firstRow - b.firstRow);
}

function splitRecords(
  data: Uint8Array,
  { structure, ingestSeq }: Segment,
  records: DivideOptions['records'],
) {
  const readable: FoundRows[] = [];
  const bad: BadRows[] = [];
  let offset = 0;
  let firstRow = 0;
  for (const { dataBytes, rowCount } of records) {
    const bytes = data.subarray(offset, offset + dataBytes);
    for (const found of findRows({ bytes, structure, ingestSeq, firstRow, rowCount })) {
      const rows = { ...found, start: offset + found.start, end: offset + found.end };
      if (rows.isReadable) readable.push(rows);
      else {
        const { firstRow: first, lastRow, start, end } = rows;
        bad.push({ firstRow: first, lastRow, reason: 'not a row', bytes: data.subarray(start, end) });
      }
    }
    offset += dataBytes;
    firstRow += rowCount;
  }
  return { readable, bad };
}

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LostSignal } from './loss-report.ts';

/** A request that could not be delivered, read back. Whoever has it, nobody else sends it. */
export interface KeptRequest {
  readonly count: number;
  readonly request: Uint8Array;
  /** It was delivered, or will never be. */
  discard(): Promise<void>;
  /** It is for a later attempt, by whomever. */
  giveBack(): Promise<void>;
}

/** Items that had to go to make room. */
export type Evicted = readonly { readonly signal: LostSignal; readonly count: number }[];

/** What a file's name says: `{epoch millis}-{pid}-{number}.{signal}.{format}.{count}.{bytes}`, and whether somebody is sending it. */
const FILE = /^(\d{15}-\d+-\d+)\.(spans|logs)\.(json|protobuf)\.(\d+)\.(\d+)(\.sending)?$/;

/** End of the name of a file that is not whole yet. */
const PART = '.part';

const SIGNALS = { spans: 'spans', logs: 'log records' } as const satisfies Record<string, LostSignal>;

/** Whoever claimed or began a file that long ago is dead: no attempt takes longer than half a minute. */
const STALE_MILLIS = 600_000;

interface KeptFile {
  readonly name: string;
  readonly signal: LostSignal;
  readonly format: string;
  readonly count: number;
  readonly bytes: number;
  readonly isClaimed: boolean;
}

/** Counts this process's files. */
let written = 0;

export interface DiskBufferParts {
  readonly folder: string;
  /** For all files in the folder together. */
  readonly maxBytes: number;
  readonly signal: LostSignal;
  /** What a backend must be told as content type: a buffer gives back its own format only. */
  readonly format: 'json' | 'protobuf';
}

/**
 * Requests that wait for a backend that is away, as files of a folder, bounded by bytes: when it is full the
 * oldest go. The folder may be shared by the processes of a service, and outlives them; a file is claimed by
 * renaming it. What is in it has passed the gate. Not synced: it is for a backend's absence, not for a power cut.
 */
export class DiskBuffer {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #signal: LostSignal;
  readonly #format: string;

  constructor({ folder, maxBytes, signal, format }: DiskBufferParts) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#signal = signal;
    this.#format = format;
  }

  /** @throws if the file system refuses, or the request is larger than the whole buffer. */
  async put(count: number, request: Uint8Array): Promise<Evicted> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = await readdir(this.#folder);
    for (const name of names.filter((each) => each.endsWith(PART))) {
      // Whoever wrote it died in the middle.
      if (await this.#isStale(name)) await rm(join(this.#folder, name), { force: true });
    }
    const evicted = this.#overflow(parseNames(names), request.byteLength);
    for (const { name } of evicted) await rm(join(this.#folder, name), { force: true });
    const path = this.#pathFor(count, request);
    await writeFile(path + PART, request, { mode: 0o600 });
    await rename(path + PART, path);
    return evicted.map(({ signal, count }) => ({ signal, count }));
  }

  /** As {@link DiskBuffer.put}, at the process's very end, when nothing can be waited for. */
  putNow(count: number, request: Uint8Array): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (const { name } of this.#overflow(parseNames(readdirSync(this.#folder)), request.byteLength)) {
      rmSync(join(this.#folder, name), { force: true });
    }
    const path = this.#pathFor(count, request);
    writeFileSync(path + PART, request, { mode: 0o600 });
    renameSync(path + PART, path);
  }

  /** The oldest request of this signal and format that nobody is sending; absent if there is none, or no folder. */
  async take(): Promise<KeptRequest | undefined> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch {
      return undefined;
    }
    for (const file of parseNames(names)) {
      if (file.signal !== this.#signal || file.format !== this.#format) continue;
      if (file.isClaimed && !(await this.#isStale(file.name))) continue;
      const kept = await this.#claim(file);
      if (kept !== undefined) return kept;
    }
    return undefined;
  }

  #pathFor(count: number, { byteLength }: Uint8Array): string {
    written += 1;
    const order = `${String(Date.now()).padStart(15, '0')}-${process.pid}-${written}`;
    const signal = this.#signal === 'spans' ? 'spans' : 'logs';
    return join(this.#folder, `${order}.${signal}.${this.#format}.${count}.${byteLength}`);
  }

  async #claim({ name, count }: KeptFile): Promise<KeptRequest | undefined> {
    const free = join(this.#folder, name.replace(/\.sending$/, ''));
    const claimed = `${free}.sending`;
    try {
      await rename(join(this.#folder, name), claimed);
      return {
        count,
        request: await readFile(claimed),
        discard: () => rm(claimed, { force: true }),
        giveBack: () => rename(claimed, free).catch(() => {}),
      };
    } catch {
      // Another process was first, or evicted it.
      return undefined;
    }
  }

  /** A rename changes the file's `ctime`. */
  async #isStale(name: string): Promise<boolean> {
    try {
      return Date.now() - (await stat(join(this.#folder, name))).ctimeMs > STALE_MILLIS;
    } catch {
      return false;
    }
  }

  /** The oldest files that have to go for so many bytes. */
  #overflow(files: readonly KeptFile[], bytes: number): readonly KeptFile[] {
    if (bytes > this.#maxBytes) throw new RangeError('a request is larger than the disk buffer');
    let total = files.reduce((sum, file) => sum + file.bytes, bytes);
    const evicted: KeptFile[] = [];
    for (const file of files) {
      if (total <= this.#maxBytes) break;
      total -= file.bytes;
      evicted.push(file);
    }
    return evicted;
  }
}

/** Oldest first; other files in the folder are none of ours. */
function parseNames(names: readonly string[]): KeptFile[] {
  return names.toSorted().flatMap((name) => {
    const parts = FILE.exec(name);
    if (parts === null) return [];
    const [, , signal = '', format = '', count, bytes, claim] = parts;
    return [
      {
        name,
        signal: SIGNALS[signal as keyof typeof SIGNALS],
        format,
        count: Number(count),
        bytes: Number(bytes),
        isClaimed: claim !== undefined,
      },
    ];
  });
}

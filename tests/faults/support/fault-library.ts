import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** In the order of faults.c, which says what they do. */
const fields = [
  'killAt',
  'killAfter',
  'calls',
  'syncErrno',
  'writeErrno',
  'openErrno',
  'clockSeconds',
  'isRecording',
] as const;

export type FaultField = (typeof fields)[number];

/** errno(3), Linux. */
export const errno = { EIO: 5, ENOSPC: 28, EROFS: 30 } as const;

export interface FaultLibrary {
  /** For the process that is to suffer. */
  readonly env: Readonly<Record<string, string>>;
  /** Where a power cut's remains are kept. */
  readonly shadow: string;
  set(field: FaultField, value: number): void;
  get(field: FaultField): number;
  remove(): void;
}

/** Why it can't be used here. Absence: it can. */
export function whyNoFaultLibrary(): string | undefined {
  if (process.platform !== 'linux') return 'the fault library is for Linux';
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no gcc to build the fault library with';
  }
}

/** Builds the library, for faults in files below `root`. */
export function buildFaultLibrary(root: string, role: 'main' | 'engine' | 'both'): FaultLibrary {
  const folder = mkdtempSync(path.join(tmpdir(), 'spanwise-faults-'));
  const library = path.join(folder, 'faults.so');
  const source = fileURLToPath(new URL('./faults.c', import.meta.url));
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  const controlPath = path.join(folder, 'control');
  const shadow = path.join(folder, 'shadow');
  mkdirSync(path.join(shadow, 'files'), { recursive: true });
  const file = openSync(controlPath, 'w+');
  writeSync(file, Buffer.alloc(8 * fields.length));
  const number = Buffer.alloc(8);
  return {
    env: {
      LD_PRELOAD: library,
      SPANWISE_FAULTS_CONTROL: controlPath,
      SPANWISE_FAULTS_ROLE: role,
      SPANWISE_FAULTS_ROOT: root,
      SPANWISE_FAULTS_SHADOW: shadow,
    },
    shadow,
    set(field, value) {
      number.writeBigInt64LE(BigInt(value));
      writeSync(file, number, 0, 8, 8 * fields.indexOf(field));
    },
    get(field) {
      readSync(file, number, 0, 8, 8 * fields.indexOf(field));
      return Number(number.readBigInt64LE());
    },
    remove() {
      closeSync(file);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

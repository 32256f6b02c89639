import { readFileSync } from 'node:fs';

/** USER_HZ; 100 on every Linux that Node runs on. (proc_pid_stat(5), sysconf(3).) */
const ticksPerSecond = 100;

export interface MemoryUse {
  readonly rssMebibytes: number;
  /** Shared pages counted once over all processes that share them. */
  readonly pssMebibytes: number;
}

/** CPU seconds, user and system, that living processes have used. Linux only. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);
}

export function memoryOf(pids: readonly number[]): MemoryUse {
  let rss = 0;
  let pss = 0;
  for (const pid of pids) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    rss += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    pss += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return { rssMebibytes: Math.round(rss / 1_024), pssMebibytes: Math.round(pss / 1_024) };
}

/** Samples memory until stopped, and gives the highest sums. */
export function watchMemory(pids: () => readonly number[], everyMillis = 500): () => MemoryUse {
  let peak: MemoryUse = { rssMebibytes: 0, pssMebibytes: 0 };
  const sample = () => {
    try {
      const { rssMebibytes, pssMebibytes } = memoryOf(pids());
      peak = {
        rssMebibytes: Math.max(peak.rssMebibytes, rssMebibytes),
        pssMebibytes: Math.max(peak.pssMebibytes, pssMebibytes),
      };
    } catch {
      // A process ended while we looked.
    }
  };
  const timer = setInterval(sample, everyMillis);
  return () => {
    clearInterval(timer);
    sample();
    return peak;
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of this folder, run by plain Node as a user would run it. For tests. */
export interface ChildProgram {
  readonly process: ChildProcess;
  /** Everything written so far. */
  readonly output: { stdout: string; stderr: string };
  /** The first line of standard output that `find` accepts. */
  line(find: (line: string) => boolean): Promise<string>;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
}

export function startProgram(
  name: string,
  env: Record<string, string>,
  nodeArguments: readonly string[] = [],
): ChildProgram {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [...nodeArguments, file], {
    // Nothing of the test runner's own environment: it may have OTEL_* or NODE_OPTIONS.
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.stdout += `${line}\n`;
    lines.push(line);
    for (const wake of waiting) wake();
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const exit = once(child, 'close').then(([code, signal]) => code ?? signal);
  return {
    process: child,
    output,
    exit,
    line(find) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(find);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        exit.then(() =>
          reject(new Error(`${name} ended before the line came:\n${output.stdout}${output.stderr}`)),
        );
      });
    },
  };
}

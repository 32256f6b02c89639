import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** What a figure means nothing without. */
export function machine() {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg()[0],
  };
}

/** A table for people, JSON on request for programs. */
export function report(
  bench: string,
  of: ReturnType<typeof machine>,
  rows: readonly object[],
  jsonFile: string | undefined,
): void {
  console.table(rows);
  const result = { bench, ...of, rows };
  if (jsonFile === undefined) console.log(JSON.stringify({ bench, ...of }));
  else writeFileSync(jsonFile, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Progress, out of the way of the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

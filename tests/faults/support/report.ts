import { appendFileSync } from 'node:fs';

/** What a suite measured, on standard output and, for who records it, as a line of JSON in a file. */
export function report(what: string, figures: Readonly<Record<string, number | string>>): void {
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      typeof value === 'number' ? Math.round(value) : value,
    ]),
  );
  const line = JSON.stringify({ what, ...rounded });
  process.stdout.write(`${line}\n`);
  const file = process.env.SPANWISE_FAULTS_REPORT;
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}

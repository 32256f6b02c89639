import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { conformanceCases } from '../../packages/instrumentation/src/testing/conformance/cases.ts';
import type { CaseReport } from './case-report.ts';
import { judge, type Verdict } from './judge.ts';
import { renderPage, type SubjectResult } from './render-page.ts';
import { type Subject, subjects } from './subjects.ts';

/*
 * npm run conformance
 *
 * Installs each wrapper into a temporary folder of its own, so that no package of others comes near the tree of a
 * user, runs the table over it, and writes docs/conformance.md. It ends with an error if ours is not all well.
 */

const execute = promisify(execFile);
const checkout = path.join(import.meta.dirname, '../..');
const runCase = path.join(import.meta.dirname, 'run-case.ts');
/** A wrapper may wait for ever. */
const CASE_TIMEOUT_MILLIS = 40_000;
/** They mostly wait. */
const CASES_AT_ONCE = 5;

const bareOutcomes = new Map<string, string>();
const results: SubjectResult[] = [];
for (const subject of subjects) {
  const folder = mkdtempSync(path.join(tmpdir(), 'spanwise-conformance-'));
  try {
    await install(subject, folder);
    const verdicts: Verdict[] = [];
    for (let from = 0; from < conformanceCases.length; from += CASES_AT_ONCE) {
      const rows = conformanceCases.slice(from, from + CASES_AT_ONCE);
      verdicts.push(
        ...(await Promise.all(
          rows.map(async (row, offset) => {
            const bareOutcome = await bareOutcomeOf(subject, from + offset, folder);
            return judge(row, await runProcess(subject, from + offset, folder, []), bareOutcome);
          }),
        )),
      );
    }
    results.push({ subject, versions: versionsOf(subject, folder), verdicts });
    const isWell = verdicts.filter(({ problems }) => problems.length === 0).length;
    console.log(`${subject.name} (${subject.library}): ${isWell} of ${verdicts.length}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const date = new Date().toISOString().slice(0, 10);
writeFileSync(path.join(checkout, 'docs/conformance.md'), renderPage(results, conformanceCases, date));
const ours = results.filter(({ subject }) => subject.id.startsWith('spanwise-'));
const isOursWell = ours.every(({ verdicts }) =>
  verdicts.every(
    ({ problems, hasContent, tellsTokens, tellsCachedAndReasoning, tellsFirstChunk }) =>
      problems.length === 0 &&
      !hasContent &&
      tellsTokens !== false &&
      tellsCachedAndReasoning !== false &&
      tellsFirstChunk !== false,
  ),
);
if (!isOursWell) {
  console.error('our own wrappers do not pass: see docs/conformance.md');
  process.exitCode = 1;
}

async function install({ packages }: Subject, folder: string): Promise<void> {
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--loglevel=error'];
  await execute('npm', ['install', ...options, ...packages], { cwd: folder });
}

/** The library alone does the same each time. */
async function bareOutcomeOf(subject: Subject, index: number, folder: string): Promise<string> {
  const key = `${subject.packages[0]} ${index}`;
  const known = bareOutcomes.get(key);
  if (known !== undefined) return known;
  const report = await runProcess(subject, index, folder, ['--bare']);
  if (report === undefined) throw new Error(`case ${index}: the library alone ended the process`);
  bareOutcomes.set(key, report.outcome);
  return report.outcome;
}

async function runProcess(
  subject: Subject,
  index: number,
  folder: string,
  flags: readonly string[],
): Promise<CaseReport | undefined> {
  const args = [runCase, '--subject', subject.id, '--case', `${index}`, '--folder', folder, ...flags];
  try {
    const { stdout } = await execute(process.execPath, args, {
      timeout: CASE_TIMEOUT_MILLIS,
      maxBuffer: 16 * 1024 * 1024,
    });
    // A wrapper may print as well.
    const line = stdout.split('\n').findLast((text) => text.startsWith('{"outcome"'));
    return line === undefined ? undefined : (JSON.parse(line) as CaseReport);
  } catch {
    return undefined;
  }
}

function versionsOf({ shown }: Subject, folder: string): string[] {
  return shown.map((name) => {
    const manifest = path.join(folder, 'node_modules', name, 'package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return `${name} ${version}`;
  });
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { instrumentationFlaws } from '@spanwise/store/rows';
import { describe, expect, it } from 'vitest';
import { type CleanUp, cleanUps, flawOf } from '../../pipeline/clean-ups.ts';
import { describeFlaw } from './describe-flaw.ts';

const documented = readFileSync(
  fileURLToPath(new URL('../../../../../docs/instrumentation-health.md', import.meta.url)),
  'utf8',
);
const kinds = (Object.keys(cleanUps) as CleanUp[]).map(flawOf);
const flaws = [
  ['resource_missing', 'service.version'],
  ['resource_missing', 'service.instance.id'],
  ['content', ''],
  ['old_key', 'http.method'],
  ['dropped_by_sdk', 'attributes'],
  ['dropped_by_sdk', 'events'],
  ['dropped_by_sdk', 'links'],
  ...kinds,
  ['broken_parent', ''],
  ['clock_skew', ''],
  ['repeated_span_id', ''],
] as const;

describe('docs/instrumentation-health.md', () => {
  it('has a row for each flaw, and no other', () => {
    const table = flaws.map(([what, detail]) => {
      const { problem, change } = describeFlaw({ what, detail });
      return `| \`${what}\`${detail === '' ? '' : ` \`${detail}\``} | ${problem} | ${change} |`;
    });
    const rows = documented.split('\n').filter((line) => /^\| `[a-z_]+`/.test(line));
    expect(rows).toEqual(table);
  });

  it('knows every kind', () => {
    expect(new Set(flaws.map(([what]) => what))).toEqual(new Set(instrumentationFlaws));
  });
});

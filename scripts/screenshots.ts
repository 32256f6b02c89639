import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createApiClient } from '../tests/support/api-client.ts';
import { launchBrowser } from '../tests/support/launch-browser.ts';
import { services } from '../tests/support/ports.ts';
import { checkout, startSystem } from '../tests/support/start-system.ts';

/** Makes README's picture: the demo's trace of all six services, its slowest step open. */

const file = path.join(checkout, 'docs/images/trace.png');

await using system = await startSystem({ demo: true });
const traceIds = [...system.process.output().matchAll(/\/trace\/([0-9a-f]{32})$/gm)].map(([, id]) => id!);
const traceId = traceIds[1] ?? '';
const api = createApiClient(system.ui);
await api.completeTrace(traceId, services);
const { bottleneck } = await api.analysis(traceId);
const slowest = (await api.skeleton(traceId))?.spanIds[bottleneck?.row ?? 0];

const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1440, height: 980 }, deviceScaleFactor: 2 });
await page.goto(`${system.ui}/trace/${traceId}?span=${slowest}`);
await page.getByRole('complementary', { name: 'Span' }).getByText('gen_ai.request.model').waitFor();
mkdirSync(path.dirname(file), { recursive: true });
await page.screenshot({ path: file });
await browser.close();
console.log(path.relative(checkout, file));

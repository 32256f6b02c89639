import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelId, rootId, shortId, startFilledServer, traceId } from '../../filled-server.fixture.ts';
import { buildOpenApiDocument, operationIdOf } from './build-openapi-document.ts';
import { type Operation, operations } from './operations.ts';
import { type Example, readExamples, renderApiGuide, shorten } from './render-api-guide.ts';

const file = fileURLToPath(new URL('../../../../../../docs/api.md', import.meta.url));
const isWriting = process.env.SPANWISE_WRITE_GUIDE === '1';
const documented = 'http://127.0.0.1:16686';

/** What a newcomer asks. */
const queries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/api/v1/operations': { service: 'gateway' },
  '/api/v1/traces': { service: 'gateway', minDuration: '100ms', tags: 'user="two words"', lookback: '1h' },
  '/api/v1/search/traces': { filter: 'service = "llm-proxy" and status = error', order: 'duration' },
  '/api/v1/search/spans': { filter: 'duration > 50ms and not name = "GET /health"', lookback: '1h' },
  '/api/v1/search/histogram': { filter: 'service = "gateway"', bins: '4', lookback: '1h' },
  '/api/v1/search/heatmap': { filter: 'service = "gateway"', bins: '4', lookback: '1h' },
  '/api/v1/search/groups': { by: 'service,status', lookback: '1h' },
  '/api/v1/search/values': { field: 'name', lookback: '1h' },
  '/api/v1/traces/{traceId}/spans': { ids: `${rootId},${modelId}` },
  '/api/v1/traces/{traceId}/export': { format: 'csv' },
  '/api/v1/compare': { before: traceId, after: shortId },
  '/api/v1/stats': { by: 'operation', lookback: '1h' },
  '/api/v1/exemplars': { service: 'llm-proxy', limit: '1' },
  '/api/v1/tail': { filter: 'status = error' },
  '/api/v1/logs': { service: 'printer', severity: 'warn' },
  '/api/v1/logs/ingest': { service: 'printer' },
};

function commandOf({ path, bodyTypes, answerTypes }: Operation): string {
  const given = Object.entries(queries[path] ?? {});
  const plain = given.filter(([, value]) => /^[\w.,:-]+$/.test(value)).map((pair) => pair.join('='));
  const coded = given.filter(([, value]) => !/^[\w.,:-]+$/.test(value));
  const query = plain.length === 0 ? '' : `?${plain.join('&')}`;
  return [
    'curl -s',
    ...(answerTypes?.includes('text/event-stream') ? ['-N --max-time 1'] : []),
    ...(coded.length === 0 ? [] : ['-G', ...coded.map((pair) => `--data-urlencode '${pair.join('=')}'`)]),
    ...(bodyTypes === undefined
      ? []
      : [
          `-H 'Content-Type: ${bodyTypes[0]}'`,
          `--data-binary '{"level":"warn","msg":"disk is nearly full"}'`,
        ]),
    `'${documented}${path.replace('{traceId}', traceId)}${query}'`,
  ].join(' ');
}

let filled: Awaited<ReturnType<typeof startFilledServer>>;

beforeAll(async () => {
  filled = await startFilledServer();
}, 60_000);

afterAll(() => filled.close());

/** Gives what came, with the addresses of the documentation. A stream ends when its time is up. */
async function run(command: string): Promise<string> {
  const { query, otlpGrpc, otlpHttp } = filled.server.addresses;
  const real = command.replace(documented, `http://${query}`).replace('curl -s', 'curl -sS --fail-with-body');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile('sh', ['-c', real], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
    const isTimeUp = error?.code === 28; // curl, CURLE_OPERATION_TIMEDOUT
    if (error === null || isTimeUp) resolve(stdout);
    else reject(new Error(`${command}\n${stderr}${stdout}`));
  });
  const answer = await promise;
  return answer
    .replaceAll(`${query}`, '127.0.0.1:16686')
    .replaceAll(`${otlpGrpc}`, '127.0.0.1:4317')
    .replaceAll(`${otlpHttp}`, '127.0.0.1:4318');
}

describe('docs/api.md', () => {
  it('is made of the OpenAPI document, and each of its commands answers (else: npm run api-guide)', async () => {
    const wanted = new Map<string, Example>();
    const before = isWriting ? [] : readExamples(readFileSync(file, 'utf8'));
    const answers = new Map(before.map(({ command, answer }) => [command, answer]));
    // What is stored first can be found by the others.
    for (const operation of operations.toSorted((a, b) => b.method.localeCompare(a.method))) {
      const command = commandOf(operation);
      const answer = shorten(await run(command));
      if (isWriting) answers.set(command, answer);
      expect([command, firstKey(answer)]).toEqual([
        command,
        firstKey(answers.get(command) ?? 'not documented'),
      ]);
      wanted.set(operationIdOf(operation), { command, answer: answers.get(command)! });
    }
    const guide = renderApiGuide(buildOpenApiDocument(), wanted);
    if (isWriting) writeFileSync(file, guide);
    expect(readFileSync(file, 'utf8')).toBe(guide);
  }, 60_000);
});

/** Values are of the day; what an answer begins with is not. */
function firstKey(answer: string): string {
  return /^\{\s*"\w+"|^\w+/.exec(answer)?.[0] ?? answer;
}

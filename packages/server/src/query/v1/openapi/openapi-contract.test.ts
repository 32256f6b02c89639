import { problemDocument } from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelId, rootId, shortId, startFilledServer, traceId } from '../../filled-server.fixture.ts';
import { buildOpenApiDocument } from './build-openapi-document.ts';
import { type Operation, operations } from './operations.ts';

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let origin: string;

beforeAll(async () => {
  filled = await startFilledServer();
  origin = `http://${filled.server.addresses.query}`;
}, 60_000);

afterAll(() => filled.close());

/** A query for each call that finds something, where one is needed. */
const queries: Readonly<Record<string, string>> = {
  '/api/v1/operations': '?service=gateway',
  '/api/v1/exemplars': '?service=gateway',
  '/api/v1/traces': '?tags=user%3D%22two%20words%22',
  '/api/v1/search/traces': '?filter=status%20%3D%20error&order=duration',
  '/api/v1/search/spans': '?filter=service%20%3D%20%22gateway%22',
  '/api/v1/search/groups': '?by=service,status',
  '/api/v1/search/values': '?field=name',
  '/api/v1/traces/{traceId}/spans': `?ids=${rootId},${modelId}`,
  '/api/v1/compare': `?before=${traceId}&after=${shortId}`,
  '/api/v1/stats': '?by=operation&step=1m',
  '/api/v1/logs/ingest': '?service=printer',
};

const addressOf = (path: string, id: string = traceId) =>
  `${origin}${path.replace('{traceId}', encodeURIComponent(id))}`;

function ask({ path, bodyTypes }: Operation, query: string, id?: string): Promise<Response> {
  return fetch(`${addressOf(path, id)}${query}`, {
    ...(bodyTypes === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': bodyTypes[0]! },
          body: `{"msg":"hello","trace_id":"${traceId}","n":1.5}\n`,
        }),
  });
}

const typeOf = (response: Response) => response.headers.get('content-type')?.split(';')[0];

describe('what the server answers', () => {
  // Lines first, so that there are log records to find.
  const [live, answering] = [operations.filter(isLive), operations.filter((one) => !isLive(one))];

  it.each(answering.toSorted((one, other) => other.method.localeCompare(one.method)))(
    '$method $path is as its schema says',
    async (operation) => {
      const response = await ask(operation, queries[operation.path] ?? '');
      expect(response.status).toBe(200);
      if (operation.answer === undefined) {
        expect(operation.answerTypes).toContain(typeOf(response));
        return;
      }
      expect(typeOf(response)).toBe('application/json');
      expect(operation.answer.safeParse(await response.json()).error).toBeUndefined();
    },
  );

  it.each(live)('$method $path is a stream', async (operation) => {
    const response = await ask(operation, '');
    expect(operation.answerTypes).toContain(typeOf(response));
    await response.body?.cancel();
  });

  it('is the document itself', async () => {
    const response = await fetch(`${origin}/api/v1/openapi.json`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(buildOpenApiDocument())));
  });

  it.each(operations.filter(({ hasVersion }) => hasVersion))(
    '$path is not sent again while nothing was added',
    async ({ path }) => {
      const etag = (await fetch(addressOf(path))).headers.get('etag')!;
      const again = await fetch(addressOf(path), { headers: { 'if-none-match': etag } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    },
  );
});

function isLive({ answerTypes }: Operation): boolean {
  return answerTypes?.includes('text/event-stream') ?? false;
}

/** What breaks out of SQL, paths, headers, prototypes and numbers where somebody was careless. */
const hostile = [
  "' OR 1=1; DROP TABLE spans; --",
  "\\') UNION ALL SELECT name FROM system.tables --{x:String}",
  '../../../../etc/passwd',
  '__proto__',
  '\u0000\r\nset-cookie: a=b\ud83d',
  '18446744073709551616',
];

describe('hostile values', () => {
  const places = operations
    .filter((one) => !isLive(one))
    .flatMap((operation) =>
      [...Object.keys(operation.query.shape), ...(operation.path.includes('{') ? ['{traceId}'] : [])].map(
        (name) => ({ operation, path: operation.path, name }),
      ),
    );

  it.each(places)('are values and nothing else: $path, $name', async ({ operation, name }) => {
    const attempt = async (value: string) => {
      const inPath = name === '{traceId}';
      const query = new URLSearchParams(queries[operation.path] ?? '');
      if (!inPath) query.set(name, value);
      const response = await ask(operation, `?${query}`, inPath ? value.toWellFormed() : undefined);
      const body = await response.text();
      // A large number is also the id of a trace that is not there.
      expect([value, [200, 400, 404].includes(response.status)]).toEqual([value, true]);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('set-cookie')).toBeNull();
      if (response.status === 200) {
        expect(operation.answer?.safeParse(JSON.parse(body)).error).toBeUndefined();
        // A condition that says nothing true finds nothing.
        expect(body).not.toMatch(/system\.|"spanCount":[1-9]/);
      } else {
        const problem = problemDocument.parse(JSON.parse(body));
        expect(problem.detail).not.toMatch(/ClickHouse|DB::|tenant|\/tmp\/|node_modules/);
      }
    };
    await Promise.all(hostile.map(attempt));
  });

  it.each(operations.filter((one) => !isLive(one)))(
    'have no names either: $method $path',
    async (operation) => {
      for (const name of ['__proto__', 'constructor', "x' OR 1=1", 'hasOwnProperty']) {
        const query = new URLSearchParams(queries[operation.path] ?? '');
        query.set(name, '1');
        const response = await ask(operation, `?${query}`);
        expect([name, response.status]).toEqual([name, 400]);
        expect(problemDocument.parse(await response.json())).toMatchObject({
          code: 'invalid_parameter',
          parameter: name,
        });
      }
      expect(Object.hasOwn(Object.prototype, '1')).toBe(false);
    },
  );

  it('have harmed nothing', async () => {
    const { services } = (await (await fetch(`${origin}/api/v1/services`)).json()) as {
      services: readonly string[];
    };
    expect(services).toEqual(expect.arrayContaining(['gateway', 'llm-proxy', 'batch']));
    const trace = await fetch(`${origin}/api/v1/traces/${traceId}`);
    expect(await trace.json()).toMatchObject({ spanCount: 2 });
  });
});

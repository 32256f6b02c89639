import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { LogSender } from './log-sender.ts';

let server: Server;
const bodies: string[] = [];
/** What the server answers, one after the other; the last one from then on. */
let answers: readonly (readonly [status: number, body: object])[];

async function start(given: typeof answers): Promise<string> {
  answers = given;
  bodies.length = 0;
  server = createServer(async (request, response) => {
    bodies.push(`${request.url} ${await text(request)}`);
    const [status, body] = answers[Math.min(bodies.length, answers.length) - 1]!;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => server.close());

const took = (accepted: number, rejected = 0) => [200, { accepted, rejected }] as const;

describe('lines', () => {
  it('are sent together, in order, under the name of their service', async () => {
    const sender = new LogSender({ url: await start([took(3)]), service: 'my app' });
    for (const line of ['a', '{"msg":"b"}', '']) sender.add(line);
    expect(await sender.close(5_000)).toEqual({ sent: 3, refused: 0, dropped: 0 });
    expect(bodies).toEqual(['/api/v1/logs/ingest?service=my+app a\n{"msg":"b"}\n']);
  });

  it('are sent again while the server can not take them', async () => {
    const sender = new LogSender({ url: await start([[503, { detail: 'behind' }], took(2)]), service: 's' });
    sender.add('a');
    sender.add('b');
    expect(await sender.close(5_000)).toEqual({ sent: 2, refused: 0, dropped: 0 });
    expect(bodies).toHaveLength(2);
    expect(bodies[1]).toBe(bodies[0]);
  });

  it('are not sent again when they are refused', async () => {
    const sender = new LogSender({ url: await start([[400, { detail: 'no' }]]), service: 's' });
    sender.add('a');
    expect(await sender.close(5_000)).toEqual({ sent: 0, refused: 1, dropped: 0 });
    expect(bodies).toHaveLength(1);
  });

  it('are counted when nobody ever took them', async () => {
    const sender = new LogSender({ url: await start([[503, { detail: 'behind' }]]), service: 's' });
    sender.add('a');
    expect(await sender.close(100)).toEqual({ sent: 0, refused: 0, dropped: 1 });
    expect(sender.failure).toContain('answered 503: behind');
  });

  it('are cut into requests that the server takes', async () => {
    const sender = new LogSender({ url: await start([took(1_000)]), service: 's' });
    for (let n = 0; n < 2_500; n += 1) sender.add(String(n));
    await sender.close(5_000);
    expect(bodies.map((body) => body.split('\n').length)).toEqual([1_000, 1_000, 500]);
    expect(bodies.flatMap((body) => body.replace(/^\S+ /, '').split('\n')).map(Number)).toEqual(
      Array.from({ length: 2_500 }, (_, n) => n),
    );
  });
});

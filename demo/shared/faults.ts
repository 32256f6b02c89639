import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RequestError, validate } from './request-error.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';

/*
 * Faults, to see whether the trace names the right bottleneck. Nobody has any unless a request on this machine
 * asks for it: for itself, by the header `x-demo-fault: llm-proxy=slow:2000ms, memory-store=error`, or for
 * every request of one service for a while, by `POST /faults`.
 */
export const FAULT_HEADER = 'x-demo-fault';

/** Long enough to be seen and to run into the 15 s time-out of callers; not long enough to pile up. */
const MAX_DELAY_MILLIS = 20_000;
const MAX_FAULT_SECONDS = 600;

type Fault =
  | { readonly kind: 'error' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'slow'; readonly delayMillis: number };

/** The header of the request at hand, for the calls it leads to. */
const carriedHeader = new AsyncLocalStorage<string | undefined>();

/** `fetch` that passes the faults of the request at hand on to the next service. */
export const fetchWithFaults: typeof globalThis.fetch = (input, init) => {
  const header = carriedHeader.getStore();
  if (header === undefined) return fetch(input, init);
  const headers = new Headers(init?.headers);
  headers.set(FAULT_HEADER, header);
  return fetch(input, { ...init, headers });
};

/** @throws RequestError 400 for a fault or service that does not exist. */
export function parseFault(text: string): Fault {
  if (text === 'error' || text === 'drop') return { kind: text };
  const delayMillis = Number(/^slow:(\d{1,5})ms$/.exec(text)?.[1]);
  if (delayMillis >= 0 && delayMillis <= MAX_DELAY_MILLIS) return { kind: 'slow', delayMillis };
  throw faultError(`a fault is slow:<0 to ${MAX_DELAY_MILLIS}>ms, error or drop`);
}

/** The header's faults by service. @throws RequestError 400. */
export function parseFaultHeader(header: string): ReadonlyMap<ServiceName, Fault> {
  const faults = new Map<ServiceName, Fault>();
  for (const entry of header.split(',')) {
    const [name, fault] = entry.split('=', 2).map((part) => part.trim());
    const service = SERVICE_NAMES.find((known) => known === name);
    if (service === undefined) throw faultError(`a service is one of ${SERVICE_NAMES.join(', ')}`);
    faults.set(service, parseFault(fault ?? ''));
  }
  return faults;
}

function faultError(problem: string): RequestError {
  return new RequestError(400, 'invalid_fault', { problems: [{ path: FAULT_HEADER, problem }] });
}

const FaultRequest = z.strictObject({
  fault: z.string().max(40),
  for_seconds: z.number().int().min(1).max(MAX_FAULT_SECONDS).default(60),
});

/** Adds the header's hook and `GET`, `POST`, `DELETE /faults`. Routes added later obey; `/health` and `/faults` do not. */
export function addFaults(app: FastifyInstance, service: ServiceName): void {
  let standing: { readonly fault: Fault; readonly text: string; readonly until: number } | undefined;
  const current = () => {
    if (standing !== undefined && standing.until <= Date.now()) standing = undefined;
    return standing;
  };

  app.addHook('preHandler', (request, reply, done) => {
    if (request.routeOptions.url === '/health' || request.routeOptions.url === '/faults') return done();
    const sent = request.headers[FAULT_HEADER];
    const header = typeof sent === 'string' && isLocal(request) ? sent : undefined;
    const fault =
      (header === undefined ? undefined : parseFaultHeader(header).get(service)) ?? current()?.fault;
    carriedHeader.run(header, () => {
      applyFault(fault, reply).then((goOn) => {
        if (goOn) done();
      }, done);
    });
  });

  app.get('/faults', (request) => {
    assertLocal(request);
    return describeStanding();
  });
  app.post('/faults', (request) => {
    assertLocal(request);
    const { fault, for_seconds } = validate(FaultRequest, request.body);
    standing = { fault: parseFault(fault), text: fault, until: Date.now() + for_seconds * 1000 };
    return describeStanding();
  });
  app.delete('/faults', (request) => {
    assertLocal(request);
    standing = undefined;
    return describeStanding();
  });

  function describeStanding() {
    const now = current();
    if (now === undefined) return { service, fault: null };
    return { service, fault: now.text, seconds_left: Math.ceil((now.until - Date.now()) / 1000) };
  }
}

/** False when the request is over. */
async function applyFault(fault: Fault | undefined, reply: FastifyReply): Promise<boolean> {
  if (fault === undefined) return true;
  if (fault.kind === 'error') throw new RequestError(500, 'demo_fault');
  if (fault.kind === 'drop') {
    reply.hijack();
    reply.raw.destroy();
    return false;
  }
  await sleep(fault.delayMillis);
  return true;
}

const LOCAL_ADDRESSES: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** From this machine, and asked for by a name of this machine: a web page elsewhere that resolves to it is not. */
function isLocal(request: FastifyRequest): boolean {
  return LOCAL_ADDRESSES.has(request.ip) && LOCAL_HOSTS.has(request.hostname);
}

function assertLocal(request: FastifyRequest): void {
  if (!isLocal(request)) throw new RequestError(403, 'local_only');
}

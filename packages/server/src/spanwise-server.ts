import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StatusResponse, SystemResponse } from '@spanwise/api';
import {
  type CheckOptions,
  createEmbeddedEngine,
  createServerEngine,
  type DataFolderLock,
  type Engine,
  lockDataFolder,
  openStore,
  type RetentionPolicy,
  type Store,
} from '@spanwise/store';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { forgetSnapshots, snapshotPath, takeSnapshot } from './backup/snapshot.ts';
import { type CatalogueJob, startCatalogueJob } from './catalogue-job.ts';
import type { SpanwiseConfig } from './config/config-schema.ts';
import { type ControlHandler, type ControlSocket, openControlSocket } from './control/control-socket.ts';
import { createDataFolder } from './create-data-folder.ts';
import { type HealthReport, healthReport, httpStatusOf } from './health/health.ts';
import { createSmallServer } from './health/small-server.ts';
import { systemReport } from './health/system-report.ts';
import { limits } from './limits.ts';
import { closeHttp } from './listening/close-http.ts';
import { checkPortIsFree, listen, listenError, type PortKey } from './listening/listen.ts';
import { doctorPath, purgePath, wantsRepair } from './maintenance/maintain.ts';
import { parsePurgeRequest, purgeStore } from './maintenance/purge-store.ts';
import { engineLimits, spoolLimits } from './part-limits.ts';
import { createDecodePool, type DecodePool } from './pipeline/decode-pool.ts';
import { QueryGrpcServer } from './query/grpc/query-grpc-server.ts';
import { LiveFeed } from './query/live-feed.ts';
import { createQueryApp } from './query/query-app.ts';
import type { QueryContext } from './query/query-context.ts';
import { ByteCredit } from './receivers/byte-credit.ts';
import { createExports } from './receivers/exports.ts';
import { createOtlpGrpcReceiver } from './receivers/grpc/otlp-grpc-receiver.ts';
import type { UnaryServer } from './receivers/grpc/unary-server.ts';
import { createOtlpHttpReceiver } from './receivers/http/otlp-http-receiver.ts';
import { createZipkinReceiver } from './receivers/http/zipkin-receiver.ts';
import { createIngest, type Ingest } from './receivers/ingest.ts';
import { createReceiveLogLines } from './receivers/log-lines/receive-log-lines.ts';
import { startRetentionJob } from './retention-job.ts';
import { createSamplingServer } from './sampling/sampling-server.ts';
import { StrategiesFile } from './sampling/strategies-file.ts';
import { type SettleJob, startSettleJob } from './settle/settle-job.ts';
import { openSpool, type Spool, type SpoolStatus } from './spool/spool.ts';
import { ServerMetrics } from './telemetry/server-metrics.ts';
import { version } from './version.ts';

export interface SpanwiseServerOptions {
  readonly logger: Logger;
  /** Folder of the built UI. Default: the one of this checkout or package. */
  readonly webDir?: string;
  /** Unix milliseconds. */
  readonly clock?: () => number;
}

/** Where the server listens, `host:port`. */
export interface ServerAddresses {
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  readonly query: string;
  readonly queryGrpc: string;
  readonly health: string;
  readonly metrics: string;
  /** Absent without a strategies file. */
  readonly sampling?: string;
  /** Absent unless a port was given. */
  readonly zipkin?: string;
}

export interface SpanwiseServer {
  /**
   * Opens the data folder, begins to store what the spool still holds, listens. Resolves when senders and readers
   * are served.
   * Errors: `ConfigError`, `ListenError`, `DataFolderTakenError`, `DatabaseTakenError`, `EngineError`; what was opened is closed again.
   */
  start(): Promise<void>;
  /** Stops receiving, finishes what runs, stores what it can, within about `timeoutMillis`. Idempotent. */
  close(timeoutMillis: number): Promise<void>;
  /** @throws Error before `start` has resolved. */
  readonly addresses: ServerAddresses;
}

/** Everything of the backend in one process, but the engine, which is its child. Nothing happens before `start`. */
export function createSpanwiseServer(config: SpanwiseConfig, options: SpanwiseServerOptions): SpanwiseServer {
  return new Server(config, options);
}

/** There is one tenant until there is a way to name others. */
const defaultTenant = 0;

/** BUNDLING: beside the packed server, not beside this file. */
const checkoutWebDir = fileURLToPath(new URL('../../web/dist', import.meta.url));

type Ports = Record<Exclude<PortKey & keyof SpanwiseConfig, 'zipkinPort'>, number>;

class Server implements SpanwiseServer {
  readonly #config: SpanwiseConfig;
  readonly #logger: Logger;
  readonly #webDir: string;
  readonly #clock: () => number;
  readonly #startedAtMillis: number;

  readonly #credit = new ByteCredit(limits.bytesInFlight.value);
  readonly #metrics: ServerMetrics;
  readonly #live: LiveFeed;
  readonly #health: HttpServer;
  readonly #metricsServer: HttpServer;
  readonly #ports: Ports;
  /** Counted here too, because the UI shows them. */
  readonly #accepted = { spans: 0, logs: 0 };

  #phase: 'new' | 'starting' | 'ready' | 'stopping' = 'new';
  #engine: Engine | undefined;
  /** With a server; the embedded engine has its own. */
  #folderLock: DataFolderLock | undefined;
  #store: Store | undefined;
  #spool: Spool | undefined;
  #pool: DecodePool | undefined;
  #queryApp: FastifyInstance | undefined;
  #queryGrpc: QueryGrpcServer | undefined;
  #otlpGrpc: UnaryServer | undefined;
  #otlpHttp: HttpServer | undefined;
  #zipkin: { readonly server: HttpServer; readonly port: number } | undefined;
  #sampling: { readonly server: HttpServer; readonly port: number } | undefined;
  #stopRetention: (() => void) | undefined;
  #settle: SettleJob | undefined;
  #catalogue: CatalogueJob | undefined;
  /** The last segment that is stored whole, as are all before it. */
  #storedSeq = 0n;
  #control: ControlSocket | undefined;
  #closing: Promise<void> | undefined;

  constructor(config: SpanwiseConfig, { logger, webDir, clock }: SpanwiseServerOptions) {
    this.#config = config;
    this.#logger = logger;
    this.#webDir = webDir ?? checkoutWebDir;
    this.#clock = clock ?? Date.now;
    this.#startedAtMillis = this.#clock();
    this.#ports = {
      otlpGrpcPort: config.otlpGrpcPort,
      otlpHttpPort: config.otlpHttpPort,
      queryPort: config.queryPort,
      queryGrpcPort: config.queryGrpcPort,
      healthPort: config.healthPort,
      metricsPort: config.metricsPort,
    };
    this.#metrics = new ServerMetrics({
      bytesInFlight: () => this.#credit.usedBytes,
      spool: () => this.#spool?.status(),
      decodeQueue: () => this.#pool?.status().queued ?? 0,
      engineRestarts: () => this.#engine?.status().restarts ?? 0,
      isEngineReady: () => this.#engine?.status().state === 'ready',
      liveViews: () => this.#live.viewCount,
    });
    this.#live = new LiveFeed(() => this.#metrics.liveViewClosed());
    this.#health = createSmallServer('/status', () => {
      const report = this.#healthReport();
      return {
        status: httpStatusOf(report),
        contentType: 'application/json',
        body: `${JSON.stringify(report)}\n`,
      };
    });
    this.#metricsServer = createSmallServer('/metrics', async () => ({
      status: 200,
      contentType: this.#metrics.registry.contentType,
      body: await this.#metrics.registry.metrics(),
    }));
  }

  get #isReady(): boolean {
    return this.#phase === 'ready';
  }

  async start(): Promise<void> {
    if (this.#phase !== 'new') throw new Error('a server starts once');
    this.#phase = 'starting';
    try {
      await this.#start();
    } catch (error) {
      await this.close(0);
      throw error;
    }
    this.#phase = 'ready';
    this.#queryGrpc?.notify();
  }

  async #start(): Promise<void> {
    const { listen: host, dataDir, retention } = this.#config;
    for (const key of Object.keys(this.#ports) as (keyof Ports)[]) {
      await checkPortIsFree(key, host, this.#ports[key]);
    }
    const { sampling, zipkinPort } = this.#config;
    if (sampling !== undefined) await checkPortIsFree('samplingPort', host, sampling.port);
    if (zipkinPort !== undefined) await checkPortIsFree('zipkinPort', host, zipkinPort);
    await this.#listen(this.#health, 'healthPort');
    await this.#listen(this.#metricsServer, 'metricsPort');

    const logger = this.#logger;
    await createDataFolder(dataDir);
    const engine = await this.#openEngine();
    const store = await openStore({ engine });
    this.#store = store;
    const lastSeq = await store.lastIngestSeq();
    const spool = await openSpool({
      directory: join(dataDir, 'spool'),
      limits: spoolLimits,
      fsync: this.#config.fsync,
      writer: store,
      metrics: this.#metrics,
      onStored: ({ ingestSeq, traceIds, truncated }) => {
        this.#storedSeq = ingestSeq;
        this.#live.publish({ ingestSeq: String(ingestSeq), traceIds, truncated });
      },
      clock: this.#clock,
      logger,
      ingestSeqAfter: lastSeq,
    });
    this.#spool = spool;
    // Nothing left to replay: what the tables have is whole.
    if (spool.status().segments === 0 && this.#storedSeq < lastSeq) this.#storedSeq = lastSeq;
    this.#pool = this.#createPool(retention);

    this.#catalogue = await startCatalogueJob({
      store,
      directory: join(dataDir, 'catalogue'),
      clock: this.#clock,
      logger,
    });
    const ingest = this.#createIngest(this.#pool, spool);
    await this.#startQuery(store, ingest);
    await this.#startReceivers(ingest);
    await this.#startSampling();
    this.#control = await openControlSocket(dataDir, this.#commands(engine, store, spool), logger);
    this.#stopRetention = startRetentionJob(store, retention, this.#clock, logger);
    this.#settle = await startSettleJob({
      store,
      directory: join(dataDir, 'settle'),
      storedSeq: () => this.#storedSeq,
      intervalMillis: limits.settleMillis.value,
      logger,
    });
  }

  /** What commands on the same machine may ask for. */
  #commands(engine: Engine, store: Store, spool: Spool): ReadonlyMap<string, ControlHandler> {
    const { dataDir, storage, retention } = this.#config;
    const commands = new Map<string, ControlHandler>();
    commands.set(purgePath, async (body, write, gone) => {
      // What the catalogue has yet to write would come back.
      await this.#catalogue?.flush();
      await purgeStore(store, spool, parsePurgeRequest(body), write, gone);
    });
    commands.set(doctorPath, async (body, write, gone) => {
      // What it has yet to tell would be missing.
      await this.#catalogue?.flush();
      const kept = retention.payloadMillis;
      const options: CheckOptions = {
        signal: gone,
        ...(kept === undefined
          ? {}
          : { payloadFrom: new Date(this.#clock() - kept).toISOString().slice(0, 10) }),
        ...(wantsRepair(body) ? { repairWithin: (repair) => spool.whileResting(repair) } : {}),
      };
      for await (const check of store.checkDerived(options)) write(check);
    });
    // A server's tables are backed up by that server.
    if (storage !== 'embedded') return commands;
    return commands.set(snapshotPath, async (_body, write, gone) => {
      const { release, ...snapshot } = await takeSnapshot(dataDir, engine, spool);
      try {
        write(snapshot);
        if (!gone.aborted) await once(gone, 'abort');
      } finally {
        await release();
      }
    });
  }

  /** The data folder is ours in either case: the spool is in it. */
  async #openEngine(): Promise<Engine> {
    const { dataDir, storage } = this.#config;
    const logger = this.#logger;
    if (storage === 'embedded') {
      this.#engine = await createEmbeddedEngine({ dataDir, logger, limits: engineLimits });
      await forgetSnapshots(dataDir);
    } else {
      this.#folderLock = await lockDataFolder(dataDir);
      this.#engine = await createServerEngine({ address: storage, logger, limits: engineLimits });
    }
    return this.#engine;
  }

  #createPool(retention: RetentionPolicy): DecodePool {
    const { content, contentKey, prices } = this.#config;
    return createDecodePool({
      // One core stays for sockets and one for the engine, where there are that many.
      workers: Math.max(1, Math.min(4, availableParallelism() - 1)),
      contentMode: content,
      ...(contentKey === undefined ? {} : { contentKey }),
      prices,
      retentionMillis: { spans: retention.tracesMillis, logs: retention.logsMillis },
    });
  }

  #createIngest(pool: DecodePool, spool: Spool): Ingest {
    return createIngest({
      pool,
      spool,
      metrics: this.#metrics,
      logger: this.#logger,
      clock: this.#clock,
      onAccepted: (signal, count) => {
        this.#accepted[signal] += count;
      },
      onUnseen: (tenant, entries) => this.#catalogue?.add(tenant, entries),
      onNotes: (tenant, notes) => this.#catalogue?.note(tenant, notes),
    });
  }

  async #startQuery(store: Store, ingest: Ingest): Promise<void> {
    const { listen: host, allowedHost, queryPort, retention } = this.#config;
    const context: QueryContext = {
      reader: store,
      tenant: defaultTenant,
      // What has a retention of its own shall not be kept longer by way of the archive.
      archiveTrace: (id) =>
        store.archiveTrace(defaultTenant, id, { withPayload: retention.payloadMillis === undefined }),
      status: () => this.#status(),
      system: () => this.#system(),
      live: this.#live,
      receiveLogLines: createReceiveLogLines({ ingest, credit: this.#credit, clock: this.#clock }),
      metrics: this.#metrics,
      clock: this.#clock,
      logger: this.#logger,
    };
    const app = await createQueryApp({
      ...context,
      listen: host,
      allowedHosts: allowedHost,
      webDir: this.#webDir,
      uiDir: this.#config.uiDir,
    });
    this.#queryApp = app;
    app.server.on('drop', () => this.#metrics.connectionRefused());
    try {
      await app.listen({ host, port: queryPort });
    } catch (error) {
      throw listenError(error, 'queryPort', host, queryPort);
    }
    this.#ports.queryPort = (app.server.address() as AddressInfo).port;
    this.#queryGrpc = new QueryGrpcServer({ ...context, isReady: () => this.#isReady });
    await this.#listen(this.#queryGrpc.server, 'queryGrpcPort');
  }

  async #startReceivers(ingest: Ingest): Promise<void> {
    const logger = this.#logger;
    const metrics = this.#metrics;
    const exports = createExports({ ingest, credit: this.#credit, metrics, logger });
    const http = { exports, corsOrigins: this.#config.corsOrigin, logger };
    this.#otlpHttp = createOtlpHttpReceiver(http);
    await this.#listen(this.#otlpHttp, 'otlpHttpPort');
    this.#otlpGrpc = createOtlpGrpcReceiver({ exports, isReady: () => this.#isReady, logger });
    await this.#listen(this.#otlpGrpc.server, 'otlpGrpcPort');
    const { zipkinPort, listen: host } = this.#config;
    if (zipkinPort === undefined) return;
    const server = createZipkinReceiver(http);
    server.on('drop', () => metrics.connectionRefused());
    this.#zipkin = { server, port: await listen(server, 'zipkinPort', host, zipkinPort) };
  }

  async #startSampling(): Promise<void> {
    const { sampling, listen: host } = this.#config;
    if (sampling === undefined) return;
    const server = createSamplingServer(new StrategiesFile(sampling.file, this.#logger));
    server.on('drop', () => this.#metrics.connectionRefused());
    this.#sampling = { server, port: await listen(server, 'samplingPort', host, sampling.port) };
  }

  async #listen(server: Parameters<typeof listen>[0], key: keyof Ports): Promise<void> {
    server.on('drop', () => this.#metrics.connectionRefused());
    this.#ports[key] = await listen(server, key, this.#config.listen, this.#config[key]);
  }

  get addresses(): ServerAddresses {
    if (this.#phase !== 'ready') throw new Error('the server does not listen');
    const of = (port: number) => hostAndPort(this.#config.listen, port);
    const at = (key: keyof Ports) => of(this.#ports[key]);
    return {
      otlpGrpc: at('otlpGrpcPort'),
      otlpHttp: at('otlpHttpPort'),
      query: at('queryPort'),
      queryGrpc: at('queryGrpcPort'),
      health: at('healthPort'),
      metrics: at('metricsPort'),
      ...(this.#sampling === undefined ? {} : { sampling: of(this.#sampling.port) }),
      ...(this.#zipkin === undefined ? {} : { zipkin: of(this.#zipkin.port) }),
    };
  }

  #healthReport(): HealthReport {
    return healthReport({
      phase: this.#phase === 'new' ? 'starting' : this.#phase,
      engine: this.#engine?.status(),
      spool: this.#spool?.status(),
    });
  }

  #system(): Promise<SystemResponse> {
    return systemReport({
      health: this.#healthReport(),
      metrics: this.#metrics,
      engineKind: this.#engine?.kind ?? 'embedded',
      startedAtMillis: this.#startedAtMillis,
    });
  }

  #status(): StatusResponse {
    const engine = this.#engine?.status();
    const spool: Pick<SpoolStatus, 'bytes' | 'segments'> = this.#spool?.status() ?? { bytes: 0, segments: 0 };
    const { listen: host, content } = this.#config;
    return {
      version,
      engine: {
        kind: this.#config.storage === 'embedded' ? 'embedded' : 'server',
        state: engine?.state ?? 'starting',
        restarts: engine?.restarts ?? 0,
      },
      spool: { bytes: spool.bytes, segments: spool.segments },
      accepted: { ...this.#accepted },
      endpoints: {
        otlpGrpc: `http://${hostAndPort(host, this.#ports.otlpGrpcPort)}`,
        otlpHttp: `http://${hostAndPort(host, this.#ports.otlpHttpPort)}`,
      },
      content,
    };
  }

  close(timeoutMillis: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMillis);
    return this.#closing;
  }

  /**
   * In the direction of the data, so that each part can hand on what it still has. The spool's own wait for a
   * segment that is being stored is in the rest of the time.
   */
  async #close(timeoutMillis: number): Promise<void> {
    this.#phase = 'stopping';
    this.#queryGrpc?.notify();
    this.#stopRetention?.();
    await this.#settle?.close();
    await this.#catalogue?.close();
    await this.#control?.close();
    const drainMillis = timeoutMillis * 0.2;
    await Promise.all([
      this.#otlpGrpc?.close(drainMillis),
      this.#otlpHttp === undefined ? undefined : closeHttp(this.#otlpHttp, drainMillis),
      this.#zipkin === undefined ? undefined : closeHttp(this.#zipkin.server, drainMillis),
    ]);
    await this.#pool?.close();
    if (this.#spool !== undefined) {
      // What is not stored by then stays in the spool: the next start goes on with it.
      await within(timeoutMillis * 0.25, this.#spool.flush());
      await this.#spool.close();
    }
    this.#live.close();
    await this.#queryApp?.close();
    await this.#queryGrpc?.close(0);
    await (this.#store ?? this.#engine)?.close(timeoutMillis * 0.2);
    await this.#folderLock?.release().catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'the lock of the data folder could not be written');
    });
    if (this.#sampling !== undefined) await closeHttp(this.#sampling.server, 0);
    await closeHttp(this.#metricsServer, 0);
    await closeHttp(this.#health, 0);
  }
}

/** What senders and readers can dial: the wildcard addresses are none. (RFC 3986, 3.2.2 for the brackets.) */
function hostAndPort(listen: string, port: number): string {
  const host = listen === '0.0.0.0' ? '127.0.0.1' : listen === '::' ? '::1' : listen;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function within(timeoutMillis: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMillis);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

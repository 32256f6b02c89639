import { createRequire, findPackageJSON, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { diag } from '@opentelemetry/api';
import { getStringListFromEnv } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';

/** A library and the package of the OpenTelemetry project that traces it. */
interface InstallableInstrumentation {
  readonly library: string;
  readonly instrumentation: string;
  /** The class that the package exports. */
  readonly className: string;
  /** What an ES module may import of it. */
  readonly modules: readonly string[];
}

/** Kept and owned ones only (opentelemetry-js-contrib `.github/component_owners.yml`). */
export const INSTALLABLE_INSTRUMENTATIONS: readonly InstallableInstrumentation[] = [
  { library: 'pg', className: 'PgInstrumentation', modules: ['pg', 'pg-pool'] },
  { library: 'redis', className: 'RedisInstrumentation', modules: ['redis', '@redis/client'] },
  { library: 'ioredis', className: 'IORedisInstrumentation', modules: ['ioredis'] },
  { library: '@grpc/grpc-js', className: 'GrpcInstrumentation', modules: ['@grpc/grpc-js'] },
  { library: 'kafkajs', className: 'KafkaJsInstrumentation', modules: ['kafkajs'] },
  { library: 'amqplib', className: 'AmqplibInstrumentation', modules: ['amqplib'] },
].map((entry) => ({ ...entry, instrumentation: instrumentationOf(entry.library) }));

function instrumentationOf(library: string): string {
  return `@opentelemetry/instrumentation-${library === '@grpc/grpc-js' ? 'grpc' : library}`;
}

/**
 * Instrumentations that the application has installed beside the library they trace: nothing is loaded for
 * what is not there, and our own tree holds none of them. `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and
 * `OTEL_NODE_DISABLED_INSTRUMENTATIONS` choose among them (`pg,redis`).
 */
export function createInstalledInstrumentations(
  application: string = process.argv[1] ?? `${process.cwd()}/`,
): Instrumentation[] {
  const base = pathToFileURL(application).href;
  const require = createRequire(base);
  const instrumentations: Instrumentation[] = [];
  const modules: string[] = [];
  for (const entry of INSTALLABLE_INSTRUMENTATIONS) {
    if (!isEnabled(entry.instrumentation) || !isInstalled(entry.library, base)) continue;
    if (!isInstalled(entry.instrumentation, base)) {
      diag.info(`Spanwise: to see calls of ${entry.library} as spans, install ${entry.instrumentation}`);
      continue;
    }
    try {
      const exported = require(entry.instrumentation) as Record<string, new () => Instrumentation>;
      const Instrumentation = exported[entry.className];
      if (Instrumentation === undefined) throw new Error(`it exports no ${entry.className}`);
      instrumentations.push(new Instrumentation());
      modules.push(...entry.modules);
    } catch (thrown) {
      diag.warn(`Spanwise: ${entry.instrumentation} could not be loaded`, codeOf(thrown));
    }
  }
  if (modules.length > 0) hookImports(modules, base);
  return instrumentations;
}

/** `require` is patched by the instrumentations themselves; `import` needs a loader, for these modules only. */
function hookImports(modules: readonly string[], base: string): void {
  // Absent in a bundle; the application has the package as well, since its instrumentations need it.
  const here: string | undefined = import.meta.url;
  try {
    register('@opentelemetry/instrumentation/hook.mjs', here ?? base, { data: { include: [...modules] } });
  } catch (thrown) {
    diag.warn('Spanwise: what ES modules import is not traced', codeOf(thrown));
  }
}

function isInstalled(name: string, base: string): boolean {
  try {
    return findPackageJSON(name, base) !== undefined;
  } catch {
    return false;
  }
}

/** By the last part of the package's name, as OpenTelemetry's own auto-instrumentation has it. */
function isEnabled(instrumentation: string): boolean {
  const name = instrumentation.replace('@opentelemetry/instrumentation-', '');
  const enabled = getStringListFromEnv('OTEL_NODE_ENABLED_INSTRUMENTATIONS');
  const disabled = getStringListFromEnv('OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return (enabled === undefined || enabled.includes(name)) && !disabled?.includes(name);
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown).slice(0, 200);
}

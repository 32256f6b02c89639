import { isIP } from 'node:net';
import type { Price } from '@spanwise/semconv/prices';
import { parseServerAddress, serverAddressAllowed } from '@spanwise/store';
import { z } from 'zod';
import { fsyncPolicies } from '../spool/fsync-policy.ts';
import { defaultRetention, parseRetention, retentionAllowed } from './retention.ts';

/** What an operator sees of an option. Written into the schema, so that help, docs and errors can't disagree. */
export interface OptionText {
  readonly group: 'Storage' | 'Listening' | 'Privacy' | 'Access' | 'Configuration';
  /** As in `--otlp-grpc-port <placeholder>`. */
  readonly placeholder: string;
  readonly description: string;
  /** Of the value, for errors and docs. */
  readonly allowed: string;
  /** As the operator would write it. Absent: none. */
  readonly default?: string;
  /** May be given more than once. */
  readonly isList?: true;
  /** The value may hold a password: no error repeats it. */
  readonly isSecret?: true;
}

const optionTexts = z.registry<OptionText>();

const trimmed = z.string().trim().min(1);
const portAllowed = 'a number from 0 to 65535; 0 takes any free port';

function portNumber() {
  return z
    .union([
      z.number(),
      z
        .string()
        .trim()
        .regex(/^\d{1,5}$/)
        .transform(Number),
    ])
    .pipe(z.int().min(0).max(65_535));
}

function port(description: string, value: number) {
  return portNumber().register(optionTexts, {
    group: 'Listening',
    placeholder: 'port',
    description,
    allowed: portAllowed,
    default: String(value),
  });
}

/** A list from a file's array, or from text with commas. */
function listOf(item: z.ZodType<string, string>) {
  return z.union([
    z.array(z.string().trim().pipe(item)),
    z
      .string()
      .transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      )
      .pipe(z.array(item)),
  ]);
}

const hostName = z
  .string()
  .toLowerCase()
  .regex(/^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/);

/** `--storage` without a server. */
const embedded = 'embedded';

export const contentModes = ['none', 'strict', 'hash', 'full'] as const;

/** Every option. A key `otlpGrpcPort` is flag `--otlp-grpc-port`, variable `SPANWISE_OTLP_GRPC_PORT`, file key `otlp-grpc-port`. */
export const configSchema = z.strictObject({
  dataDir: trimmed.register(optionTexts, {
    group: 'Storage',
    placeholder: 'folder',
    description: 'where spans and logs are kept; one process at a time',
    allowed: 'a folder this user may write; created when it is missing',
    default: 'a per-user data folder',
  }),
  retention: trimmed
    .transform((text, context) => {
      const policy = parseRetention(text);
      if (policy !== undefined) return policy;
      context.addIssue({ code: 'custom', message: retentionAllowed });
      return z.NEVER;
    })
    .register(optionTexts, {
      group: 'Storage',
      placeholder: 'policy',
      description: 'how long traces and logs are kept, and how much may be used',
      allowed: retentionAllowed,
      default: defaultRetention,
    }),
  fsync: z.enum(fsyncPolicies).register(optionTexts, {
    group: 'Storage',
    placeholder: 'policy',
    description: 'when acknowledged rows are forced to the disk; only `always` survives a power cut',
    allowed:
      'always (before the sender is answered), interval (every second: a power cut loses the last one) or never (a power cut loses what the system had not written yet, about half a minute)',
    default: 'always',
  }),
  storage: trimmed
    .transform((text, context) => {
      const address = text === embedded ? embedded : parseServerAddress(text);
      if (address !== undefined) return address;
      context.addIssue({ code: 'custom', message: serverAddressAllowed });
      return z.NEVER;
    })
    .register(optionTexts, {
      group: 'Storage',
      placeholder: 'address',
      description:
        'where the tables are: in the data folder, or in a ClickHouse server; the spool stays in the data folder',
      allowed: `embedded, or ${serverAddressAllowed}`,
      default: embedded,
      isSecret: true,
    }),
  storagePasswordFile: trimmed.optional().register(optionTexts, {
    group: 'Storage',
    placeholder: 'file',
    description: 'password for --storage, so that it stands in no command line',
    allowed: 'a file with one line; only for an address without a password',
  }),
  prices: trimmed.optional().register(optionTexts, {
    group: 'Storage',
    placeholder: 'file',
    description: 'what models cost, where that differs from the list that comes along',
    allowed: 'a JSON file as docs/cost.md shows it',
  }),
  listen: z
    .string()
    .trim()
    .refine((text) => isIP(text) !== 0 || hostName.safeParse(text).success)
    .register(optionTexts, {
      group: 'Listening',
      placeholder: 'address',
      description: 'address of this machine to listen on; 0.0.0.0 opens every port to the network',
      allowed: 'an IP address or host name of this machine',
      default: '127.0.0.1',
    }),
  otlpGrpcPort: port('OTLP over gRPC', 4317),
  otlpHttpPort: port('OTLP over HTTP', 4318),
  queryPort: port('UI, Jaeger HTTP API and /api/v1', 16_686),
  queryGrpcPort: port('Jaeger gRPC API, with health and reflection', 16_685),
  healthPort: port('health, GET /status', 13_133),
  metricsPort: port('Prometheus metrics of the server itself, GET /metrics', 8_888),
  zipkinPort: portNumber().optional().register(optionTexts, {
    group: 'Listening',
    placeholder: 'port',
    description: 'Zipkin v2 JSON, POST /api/v2/spans; closed unless given, usually 9411',
    allowed: portAllowed,
  }),
  samplingPort: port('remote sampling, GET /sampling; open only with --sampling-file', 5_778),
  samplingFile: trimmed.optional().register(optionTexts, {
    group: 'Listening',
    placeholder: 'file',
    description:
      'which share of traces services keep, for SDKs with remote sampling; read again when it changes',
    allowed: "a JSON file in the format of Jaeger's sampling strategies",
  }),
  uiDir: trimmed.optional().register(optionTexts, {
    group: 'Access',
    placeholder: 'folder',
    description: 'a built jaeger-ui that takes the place of our UI, which is then at /spanwise/',
    allowed: 'a folder with index.html and static, as the build of jaeger-ui makes it',
  }),
  content: z.enum(contentModes).register(optionTexts, {
    group: 'Privacy',
    placeholder: 'mode',
    description: 'what happens to prompts, answers and other content',
    allowed: 'none (dropped), strict (side doors closed everywhere), hash (keyed HMAC) or full (kept)',
    default: 'none',
  }),
  contentKeyFile: trimmed.optional().register(optionTexts, {
    group: 'Privacy',
    placeholder: 'file',
    description: 'key for --content hash',
    allowed:
      'a file of 16 to 4096 bytes outside the data folder; required by --content hash, refused otherwise',
  }),
  corsOrigin: listOf(z.string().refine((text) => text === '*' || isOrigin(text))).register(optionTexts, {
    group: 'Access',
    placeholder: 'origin',
    description: 'origin of pages that may send OTLP over HTTP',
    allowed: 'an origin such as https://app.example.com, or *',
    isList: true,
  }),
  allowedHost: listOf(hostName).register(optionTexts, {
    group: 'Access',
    placeholder: 'name',
    description: 'further host name under which a browser may reach the UI',
    allowed: 'a host name without port; localhost and IP addresses are always allowed',
    isList: true,
  }),
});

export type ConfigKey = keyof typeof configSchema.shape;

/** What the server runs with: parsed, complete. */
export interface SpanwiseConfig
  extends Readonly<
    Omit<z.output<typeof configSchema>, 'samplingPort' | 'samplingFile' | 'storagePasswordFile' | 'prices'>
  > {
  /** Present exactly with a strategies file. */
  readonly sampling?: { readonly port: number; readonly file: string };
  /** Of the file of `prices`; empty without one. */
  readonly prices: readonly Price[];
  /** Content of `contentKeyFile`; present exactly in mode `hash`. */
  readonly contentKey?: Uint8Array;
}

export const configKeys = Object.keys(configSchema.shape) as readonly ConfigKey[];

export function optionTextOf(key: ConfigKey): OptionText {
  return optionTexts.get(configSchema.shape[key])!; // every key of the shape registers its text above
}

/** `otlpGrpcPort` → `otlp-grpc-port`: the flag without dashes, and the key in a file. */
export function optionNameOf(key: ConfigKey): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function variableNameOf(key: ConfigKey): string {
  return `SPANWISE_${optionNameOf(key).toUpperCase().replaceAll('-', '_')}`;
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { holdConversation } from './conversation.ts';
import { helpText, type Options, OptionsError, parseOptions } from './options.ts';
import { describeTakenPorts, findTakenPorts, portsAt } from './ports.ts';
import { Progress } from './progress.ts';
import type { ProcessEvents } from './supervised-process.ts';
import { host, System } from './system.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** A terminal and npm each send the same Ctrl-C; what comes this soon after the first is not a second one. */
const sameInterruptMillis = 700;
const orphanCheckMillis = 250;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(process.argv.slice(2), checkout);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    console.error(`${error.message}\nnpm start -- --help lists the options.`);
    return 2;
  }
  if (options.help || options.version) {
    console.log(options.help ? helpText : readVersion());
    return 0;
  }
  const ports = portsAt(options.portOffset);
  const taken = await findTakenPorts(ports, host, options.demo);
  if (taken.length > 0) {
    console.error(describeTakenPorts(taken, options.portOffset));
    return 1;
  }
  if ((await prepareWebApp()) !== 0) {
    console.error('The web app was not built; the rest starts without it.');
  }

  const progress = new Progress(process.stdout, !options.verbose);
  const system = new System(
    { ports, dataDir: options.dataDir, demo: options.demo },
    eventsTo(progress, options),
  );
  const interrupted = onInterrupt(system, progress);
  const run = runSystem(system, options, progress);
  const code = await Promise.race([run, interrupted]);
  await system.stop();
  progress.clear();
  // A request that still waits for an answer must not keep us here.
  process.exit(code);
}

/** Resolves with the exit code, and for a system that stays up never. */
async function runSystem(system: System, options: Options, progress: Progress): Promise<number> {
  try {
    await startWithProgress(system, progress);
    const conversationHeld = options.demo ? await holdConversation(system.urls, progress) : true;
    progress.print(describeUrls(system, options));
    if (options.once) return conversationHeld ? 0 : 1;
    await new Promise<never>(() => {});
    return 0;
  } catch (error) {
    // What fails because everything is being stopped is no news.
    if (!system.isStopping) progress.print(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function startWithProgress(system: System, progress: Progress): Promise<void> {
  const startedAt = performance.now();
  const waiting = new Set(system.names);
  const show = () => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    progress.show(`starting, ${seconds} s: waiting for ${[...waiting].join(', ')}`);
  };
  show();
  await system.start((name) => {
    waiting.delete(name);
    if (waiting.size > 0) show();
  });
}

function describeUrls(system: System, { demo, once }: Options): string {
  const { ui, chat, otlpGrpc, otlpHttp } = system.urls;
  const lines = [`UI    ${ui}`];
  if (demo) lines.push(`Chat  ${chat}`);
  lines.push(`OTLP  ${otlpGrpc} (gRPC), ${otlpHttp} (HTTP)`);
  if (!once) lines.push('Ctrl-C ends it.');
  return `\n${lines.join('\n')}`;
}

function eventsTo(progress: Progress, { verbose }: Options): ProcessEvents {
  return {
    line: (name, line) => {
      if (verbose) progress.print(`${name.padEnd(20)} ${line}`);
    },
    crashed: (name, how, tail, retryMillis) => {
      const next =
        retryMillis === undefined
          ? 'It crashed too often and stays down; Ctrl-C and start again.'
          : `Starting it again in ${retryMillis} ms.`;
      const lines = verbose ? [] : tail.map((line) => `  ${line}`);
      progress.print([`${name} crashed (${how}). ${next}`, ...lines].join('\n'));
    },
    restarted: (name) => progress.print(`${name} is back.`),
  };
}

/** Resolves with the exit code at the first Ctrl-C or SIGTERM. A second one ends everything at once. */
function onInterrupt(system: System, progress: Progress): Promise<number> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const interrupt = () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        progress.print(
          '\nEnding: services first, so that their last spans are stored. Ctrl-C again ends at once.',
        );
        resolve(0);
      } else if (performance.now() - firstAt > sameInterruptMillis) {
        system.kill();
        process.exit(1);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
    if (process.env.npm_lifecycle_event !== undefined) {
      onceOrphaned(() => firstAt === undefined && interrupt());
    }
  });
}

/** npm passes no signal on: the shell between it and us ends, and all of this would be left. */
function onceOrphaned(listener: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, orphanCheckMillis);
}

/** `npm ci` built it; whoever changed a source since gets it built again. Resolves with the exit code. */
function prepareWebApp(): Promise<number> {
  const script = fileURLToPath(new URL('../../scripts/build-web.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

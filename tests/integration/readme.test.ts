import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPortOffset } from '../support/ports.ts';
import { checkout, run, temporaryFolder } from '../support/start-system.ts';

const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'ARCHITECTURE.md', 'deploy/README.md'];
const commands = commandsIn('README.md');
/** Installed we are, and this is a test. Ports are our own, so commands that differ in these only are run once. */
const runnable = commands.filter(
  (command, index) =>
    !/^npm (ci|test)( && npm (ci|test))*$/.test(command) &&
    commands.findIndex((other) => withoutPorts(other) === withoutPorts(command)) === index,
);

const dataDir = temporaryFolder('readme');
let portOffset = 0;

beforeAll(async () => {
  portOffset = await findPortOffset();
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('README', () => {
  it('shows how to install, to start, and to test as CI does', () => {
    expect(commands).toContain('npm ci');
    expect(commands).toContain('npm start');
    expect(read('.ci/run')).toContain('npm ci && npm test');
    expect(commands).toContain('npm ci && npm test');
  });

  it.each(runnable)('%s', async (command) => {
    const running = run('sh', ['-c', withOwnPlace(command)]);
    const code = await running.ended;
    expect(running.output()).not.toBe('');
    expect(code, running.output()).toBe(0);
    expect(running.members()).toEqual([]);
    if (command !== 'npm start') return;
    expect(running.output().match(/^http:\/\/127\.0\.0\.1:\d+\/trace\/[0-9a-f]{32}$/gm)).toHaveLength(3);
    expect(
      running.output().match(/^ +[\d.]+ m?s · slowest service .+ · slowest step .+ tokens$/gm),
    ).toHaveLength(3);
  });
});

describe.each(documents)('%s', (document) => {
  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...read(document).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  it('links to files that exist', () => {
    const links = [...read(document).matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
    for (const link of links.filter((target) => !target.startsWith('http'))) {
      expect(existsSync(path.join(checkout, path.dirname(document), link)), link).toBe(true);
    }
  });
});

/** In code fences and in code spans, each once. */
function commandsIn(document: string): readonly string[] {
  const content = read(document);
  const fenced = [...content.matchAll(/```sh\n((?:.|\n)*?)```/g)].flatMap(([, block]) => block!.split('\n'));
  const spans = [...content.matchAll(/`((?:npm|npx) [^`]+)`/g)].map(([, command]) => command!);
  return [...new Set([...fenced, ...spans].filter(Boolean))];
}

/** On ports and in a folder of its own, and to its end. */
function withOwnPlace(command: string): string {
  if (!command.startsWith('npm start') || command.includes('--help')) return command;
  const separator = command.includes(' -- ') ? '' : ' --';
  return `${command}${separator} --once --port-offset ${portOffset} --data-dir ${dataDir}`;
}

function withoutPorts(command: string): string {
  return command.replace(/ -- --port-offset \d+$/, '');
}

function read(document: string): string {
  return readFileSync(path.join(checkout, document), 'utf8');
}

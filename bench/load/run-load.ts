import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Load, LoadResult } from './generator.ts';

const generator = fileURLToPath(new URL('./generator.ts', import.meta.url));

/** Runs the generator in a process of its own, so that what it costs is not counted as the server's. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const child = spawn(process.execPath, [generator, JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the load generator ended with ${String(code)}`);
  return JSON.parse(output) as LoadResult;
}

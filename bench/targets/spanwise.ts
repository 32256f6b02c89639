import { rmSync } from 'node:fs';
import { createEmbeddedEngine } from '@spanwise/store';
import { readRows } from '../../packages/store/src/row-binary/reader.ts';
import { startSystem, temporaryFolder } from '../../tests/support/start-system.ts';
import type { DiskUse, Target } from './target.ts';

export interface SpanwiseOptions {
  /** Kept afterwards. Absent: a temporary one. */
  readonly dataDir?: string;
  /** Of `spanwise serve`. */
  readonly args?: readonly string[];
  /** False where nobody asks: merging everything takes its time. */
  readonly measuresDisk?: boolean;
}

/** `spanwise serve` as users start it, with the embedded engine. */
export async function startSpanwise(options: SpanwiseOptions = {}): Promise<Target> {
  const dataDir = options.dataDir ?? temporaryFolder('bench');
  const system = await startSystem({ demo: false, dataDir, args: options.args ?? [] });
  return {
    name: 'spanwise',
    otlpHttp: system.otlpHttp,
    otlpGrpc: system.otlpGrpc,
    query: system.ui,
    pids: () => system.process.members().map(({ pid }) => pid),
    stop: async () => {
      await system.stop();
      const disk = options.measuresDisk === false ? undefined : await measureDisk(dataDir);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      return disk;
    },
  };
}

/** Merges every table to the end and adds up its parts. */
async function measureDisk(dataDir: string): Promise<DiskUse> {
  const engine = await createEmbeddedEngine({ dataDir });
  const ask = async (sql: string) => readRows(await engine.query(sql, { timeoutMillis: 60_000 }));
  try {
    const tables = await ask(
      "SELECT DISTINCT table FROM system.parts WHERE database = 'spanwise' AND active ORDER BY table",
    );
    for (const [table] of tables) await engine.execute(`OPTIMIZE TABLE spanwise.\`${table}\` FINAL`);
    const sizes = await ask(
      "SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'spanwise' AND active GROUP BY table ORDER BY bytes DESC",
    );
    const byTable = sizes.map(([table, bytes]) => [String(table), Number(bytes)] as const);
    return {
      bytes: byTable.reduce((sum, [, bytes]) => sum + bytes, 0),
      byTable: Object.fromEntries(byTable),
    };
  } finally {
    await engine.close(10_000);
  }
}

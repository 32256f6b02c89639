import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ProcessEvents, StartError, SupervisedProcess } from './supervised-process.ts';

const entry = fileURLToPath(new URL('./fixtures/service.ts', import.meta.url));

describe('SupervisedProcess', () => {
  it('starts, and ends when asked', async () => {
    const process = supervise('');
    await process.start();
    const { pid } = process;
    expect(isAlive(pid)).toBe(true);
    await process.stop(5_000);
    expect(isAlive(pid)).toBe(false);
  });

  it('says why a process did not start, with the last it wrote', async () => {
    const start = supervise('crash at start').start();
    await expect(start).rejects.toThrow(StartError);
    await expect(start).rejects.toThrow(/exit code 3\n(.*\n)*the port is on fire/);
  });

  it('starts a crashed process again', async () => {
    const crashes: string[] = [];
    const back = Promise.withResolvers<void>();
    const service = supervise('', {
      crashed: (name, how) => crashes.push(`${name}: ${how}`),
      restarted: () => back.resolve(),
    });
    await service.start();
    const first = service.pid;
    process.kill(first!, 'SIGKILL');
    await back.promise;
    expect(crashes).toEqual(['service: killed by SIGKILL']);
    expect(service.pid).not.toBe(first);
    expect(isAlive(service.pid)).toBe(true);
    await service.stop(5_000);
  });

  it('leaves Ctrl-C to the supervisor', async () => {
    const crashes: string[] = [];
    const service = supervise('', { crashed: (_, how) => crashes.push(how) });
    await service.start();
    process.kill(service.pid!, 'SIGINT');
    await service.stop(5_000);
    expect(crashes).toEqual([]);
  });

  it('ends a process that does not listen', async () => {
    const service = supervise('ignore SIGTERM');
    await service.start();
    const { pid } = service;
    await service.stop(50);
    expect(isAlive(pid)).toBe(false);
  });
});

function supervise(fate: string, events: Partial<ProcessEvents> = {}): SupervisedProcess {
  return new SupervisedProcess(
    { name: 'service', entry, args: [], nodeArgs: [], env: { FATE: fate } },
    { line() {}, crashed() {}, restarted() {}, ...events },
  );
}

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid!, 0);
    return true;
  } catch {
    return false;
  }
}

import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { describeTakenPorts, findTakenPorts, portsAt } from './ports.ts';

describe('findTakenPorts', () => {
  it('names the port that is taken, and on Linux the process that has it', async () => {
    const server = createServer();
    const offset = await listenAtSomeOffset(server);
    try {
      const taken = await findTakenPorts(portsAt(offset), '127.0.0.1', false);
      const own = taken.find(({ name }) => name === 'UI');
      expect(own?.port).toBe(16686 + offset);
      if (process.platform === 'linux') expect(own?.holder?.pid).toBe(process.pid);
      expect(describeTakenPorts(taken, offset)).toContain(`port ${16686 + offset} (UI) is taken by`);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('describeTakenPorts', () => {
  it('offers an offset that differs from the one in use', () => {
    expect(describeTakenPorts([{ name: 'UI', port: 26_686 }], 10_000)).toContain('--port-offset 20000');
  });
});

/** On the UI's port, moved; gives the offset. */
async function listenAtSomeOffset(server: ReturnType<typeof createServer>): Promise<number> {
  for (let offset = 20_000; ; offset += 1) {
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(16_686 + offset, '127.0.0.1', () => resolve(true));
    });
    if (listening) return offset;
  }
}

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkPortIsFree, ListenError, listen } from './listen.ts';
import { findPortHolder } from './port-holder.ts';

const other = createServer();

async function takePort(): Promise<number> {
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  return (other.address() as AddressInfo).port;
}

afterEach(() => new Promise((resolve) => other.close(resolve)));

describe('a port that is taken', () => {
  it('is told with who has it and which option moves us', async () => {
    const port = await takePort();
    const error = await checkPortIsFree('otlpGrpcPort', '127.0.0.1', port).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ListenError);
    const { message } = error as ListenError;
    expect(message).toContain(`port ${port} (OTLP over gRPC) on 127.0.0.1 is taken`);
    expect(message).toContain('--otlp-grpc-port');
    if (process.platform === 'linux') expect(message).toContain(`by process ${process.pid} (`);
  });

  it('is found by its process, and only while it is held', async () => {
    const port = await takePort();
    if (process.platform === 'linux') expect(findPortHolder(port)?.pid).toBe(process.pid);
    await new Promise((resolve) => other.close(resolve));
    expect(findPortHolder(port)).toBeUndefined();
  });
});

describe('listen', () => {
  it('gives the port that the system chose', async () => {
    const port = await listen(other, 'queryPort', '127.0.0.1', 0);
    expect(port).toBe((other.address() as AddressInfo).port);
  });

  it('names an address that is not of this machine', async () => {
    // TEST-NET-1 (RFC 5737): nobody has it.
    await expect(checkPortIsFree('queryPort', '192.0.2.1', 1)).rejects.toThrow(
      '--listen: 192.0.2.1 is no address of this machine',
    );
  });
});

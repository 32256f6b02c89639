import { describe, expect, it } from 'vitest';
import { formatServerAddress, parseServerAddress } from './server-address.ts';

const plain = { secure: false, username: 'default', password: '', database: 'spanwise' };

describe('the address of a ClickHouse server', () => {
  it.each([
    ['clickhouse://localhost', { ...plain, hosts: [{ host: 'localhost', port: 8123 }] }],
    [
      'clickhouses://ch.example.org',
      { ...plain, secure: true, hosts: [{ host: 'ch.example.org', port: 8443 }] },
    ],
    [
      'clickhouse://h/db?secure',
      { ...plain, secure: true, database: 'db', hosts: [{ host: 'h', port: 8443 }] },
    ],
    [
      'clickhouse://me:p%40ss%3Aword@a:1,b:2,[::1]/traces?cluster=main',
      {
        secure: false,
        username: 'me',
        password: 'p@ss:word',
        database: 'traces',
        cluster: 'main',
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
          { host: '[::1]', port: 8123 },
        ],
      },
    ],
  ])('%s', (text, address) => {
    expect(parseServerAddress(text)).toEqual(address);
  });

  it.each([
    'http://localhost:8123',
    'clickhouse://',
    'clickhouse://h:0',
    'clickhouse://h:99999',
    'clickhouse://h,',
    'clickhouse://h/a b',
    'clickhouse://h/a;DROP',
    'clickhouse://h?speed=fast',
    'clickhouse://h?secure=maybe',
    "clickhouse://h?cluster='",
    'clickhouse://%E0%A4%A@h',
    'clickhouse://a@b@c',
  ])('is not %s', (text) => {
    expect(parseServerAddress(text)).toBeUndefined();
  });

  it('is shown without user and password', () => {
    const address = parseServerAddress('clickhouses://me:secret@h:9,i/db?cluster=c');
    expect(formatServerAddress(address!)).toBe('clickhouses://h:9,i:8443/db?cluster=c');
  });
});

import { describe, expect, it } from 'vitest';
import { encodeExportResponse, encodeStatus } from './responses.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('export responses', () => {
  it('leave partial_success unset on full success', () => {
    expect(hex(encodeExportResponse('spans', 'protobuf'))).toBe('');
    expect(text(encodeExportResponse('logs', 'json'))).toBe('{}');
  });

  it('say how many were rejected, and why', () => {
    const partial = { rejected: 300, message: 'no' };
    // partial_success { rejected_spans: 300, error_message: "no" }
    expect(hex(encodeExportResponse('spans', 'protobuf', partial))).toBe('0a0708ac0212026e6f');
    expect(text(encodeExportResponse('logs', 'json', partial))).toBe(
      '{"partialSuccess":{"rejectedLogRecords":"300","errorMessage":"no"}}',
    );
  });
});

describe('google.rpc.Status', () => {
  it('has code and message', () => {
    expect(hex(encodeStatus('protobuf', 3, 'no'))).toBe('080312026e6f');
    expect(text(encodeStatus('json', 3, 'no'))).toBe('{"code":3,"message":"no"}');
  });
});

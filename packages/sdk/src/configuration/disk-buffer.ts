import { getStringFromEnv } from '@opentelemetry/core';
import { DiskBuffer } from '../export/disk-buffer.ts';
import type { LostSignal } from '../export/loss-report.ts';
import type { OtlpProtocol, TracingOptions } from '../tracing-options.ts';

/** Some 200,000 spans: an hour of a service with fifty a second. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Option, then `SPANWISE_DISK_BUFFER`; absent if neither asks for one. */
export function resolveDiskBuffer(
  options: Pick<TracingOptions, 'diskBuffer'>,
  signal: LostSignal,
  protocol: OtlpProtocol,
): DiskBuffer | undefined {
  const folder = options.diskBuffer?.folder ?? getStringFromEnv('SPANWISE_DISK_BUFFER');
  if (folder === undefined) return undefined;
  return new DiskBuffer({
    folder,
    maxBytes: options.diskBuffer?.maxBytes ?? DEFAULT_MAX_BYTES,
    signal,
    format: protocol === 'http/json' ? 'json' : 'protobuf',
  });
}

import { Writable } from 'node:stream';
import {
  winstonFormat as createFormat,
  type WinstonFormat,
  type WinstonFormatOptions,
} from '@spanwise/instrumentation';
import { currentTracing } from '../setup-tracing.ts';
import { createLineWriter, type LineOutput } from './log-destination.ts';
import { WINSTON_SHAPE } from './log-line.ts';

/** As `winstonFormat` of `@spanwise/instrumentation`, with the name given to `setupTracing`. */
export function winstonFormat(options: WinstonFormatOptions = {}): WinstonFormat {
  return createFormat({ serviceName: options.serviceName ?? currentTracing()?.serviceName });
}

/**
 * A stream for winston's `Stream` transport that does for its lines what `pinoDestination` does for pino's:
 *
 *     const { combine, errors, json, timestamp } = winston.format;
 *     winston.createLogger({
 *       format: combine(errors({ stack: true }), winstonFormat(), timestamp(), json()),
 *       transports: [new winston.transports.Stream({ stream: winstonStream() })],
 *     });
 */
export function winstonStream(options: { readonly output?: LineOutput | undefined } = {}): Writable {
  const writeLine = createLineWriter(WINSTON_SHAPE, options.output ?? process.stdout);
  return new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      writeLine(String(line));
      done();
    },
  });
}

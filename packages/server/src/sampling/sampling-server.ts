import type { Server } from 'node:http';
import { createSmallServer } from '../health/small-server.ts';
import { answerFor } from './strategies.ts';
import type { StrategiesFile } from './strategies-file.ts';

/** `GET /sampling?service=…`, as Jaeger answers it on port 5778. */
export function createSamplingServer(file: StrategiesFile): Server {
  return createSmallServer('/sampling', (query) => {
    const service = query.get('service');
    if (service === null || service === '') {
      return { status: 400, contentType: 'text/plain', body: "'service' parameter must be provided once\n" };
    }
    return {
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify(answerFor(file.current(), service)),
    };
  });
}

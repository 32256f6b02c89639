import type { Engine } from '../engine.ts';

/** The same engine, whose queries end with `signal`: one place, so that no reader can forget it. */
export function engineUntil(engine: Engine, signal: AbortSignal): Engine {
  return {
    kind: engine.kind,
    query: (sql, options = {}) =>
      engine.query(sql, {
        ...options,
        signal: options.signal === undefined ? signal : AbortSignal.any([options.signal, signal]),
      }),
    execute: (sql, options) => engine.execute(sql, options),
    fileSource: (path, structure) => engine.fileSource(path, structure),
    status: () => engine.status(),
    close: (timeoutMillis) => engine.close(timeoutMillis),
  };
}

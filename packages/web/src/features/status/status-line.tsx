import { useQuery } from '@tanstack/react-query';
import { useLiveState } from '../../api/live.ts';
import { statusQuery } from '../../api/queries.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';

const liveWords = { open: 'live', connecting: 'connecting', closed: 'not live' } as const;

/** What the system says of itself, in one line. */
export function StatusLine() {
  const { data: status, isError } = useQuery(statusQuery);
  const live = useLiveState();
  return (
    <footer className="status-line">
      {isError && <span className="error-text">The server does not answer</span>}
      {status !== undefined && !isError && (
        <>
          <span>Spanwise {status.version}</span>
          <span className={status.engine.state === 'ready' ? '' : 'error-text'}>
            storage {status.engine.state}
            {status.engine.restarts > 0 && `, ${formatCount(status.engine.restarts)} restarts`}
          </span>
          <span>
            accepted {formatCount(status.accepted.spans)} spans, {formatCount(status.accepted.logs)} logs
          </span>
          <span>
            spool {formatBytes(status.spool.bytes)} in {formatCount(status.spool.segments)}
          </span>
          <span>content: {status.content}</span>
          <span className="status-end">OTLP gRPC {status.endpoints.otlpGrpc}</span>
          <span>HTTP {status.endpoints.otlpHttp}</span>
        </>
      )}
      <span className={status === undefined || isError ? 'status-end' : ''}>{liveWords[live]}</span>
    </footer>
  );
}

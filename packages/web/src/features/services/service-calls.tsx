import type { CallsResponse } from '@spanwise/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { callsQuery } from '../../api/queries.ts';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { formatDuration, formatShare } from '../../ui/format.ts';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { formatRate } from './service-figures.ts';

type Call = CallsResponse['calls'][number];

/** Who calls a service, and whom it calls. Nothing while nobody does. */
export function ServiceCalls({ service, lookback }: { readonly service: string; readonly lookback: string }) {
  const calls = useQuery(callsQuery(`lookback=${lookback}`)).data?.calls ?? [];
  return (
    <div className="service-calls">
      <Calls
        title="Called by"
        calls={calls.filter(({ callee }) => callee === service)}
        other={({ caller }) => caller}
        lookback={lookback}
      />
      <Calls
        title="Calls"
        calls={calls.filter(({ caller }) => caller === service)}
        other={({ callee }) => callee}
        lookback={lookback}
      />
    </div>
  );
}

interface CallsProps {
  readonly title: string;
  readonly calls: readonly Call[];
  readonly other: (call: Call) => string;
  readonly lookback: string;
}

function Calls({ title, calls, other, lookback }: CallsProps) {
  const slotOf = useServiceSlots();
  if (calls.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {calls.map((call) => (
          <li key={`${call.caller} ${call.callee} ${call.isMessage}`}>
            <ServiceDot slot={slotOf(other(call))} />{' '}
            <Link to="/services" search={{ service: other(call), lookback }}>
              {other(call)}
            </Link>{' '}
            <span className="dim">
              {call.isMessage && 'by message · '}
              {formatRate(call.callsPerSecond)} · p50 {formatDuration(call.p50Nanos)} · p99{' '}
              {formatDuration(call.p99Nanos)}
            </span>
            {call.errorCount > 0 && (
              <span className="error-text"> · {formatShare(call.errorCount / call.callCount)} failed</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

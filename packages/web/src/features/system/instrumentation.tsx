import type { InstrumentationResponse } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { formatAgo, formatCount, formatDateTime, type Zone } from '../../ui/format.ts';
import { useNow } from '../../ui/use-clock.ts';

interface InstrumentationProps {
  readonly instrumentation: InstrumentationResponse;
  readonly zone: Zone;
}

/** Services that send with flaws, and what to change. */
export function Instrumentation({ instrumentation, zone }: InstrumentationProps) {
  const now = useNow(10_000);
  const { flaws, truncated } = instrumentation;
  return (
    <section className="instrumentation" aria-labelledby="instrumentation">
      <h2 id="instrumentation">
        Instrumentation <span className="dim">· the last day</span>
      </h2>
      {flaws.length === 0 ? (
        <p className="dim">No service sends with flaws.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">Problem, and what to change</th>
              <th scope="col" className="number">
                Count
              </th>
              <th scope="col">Since</th>
              <th scope="col">Last</th>
              <th scope="col">Example</th>
            </tr>
          </thead>
          <tbody>
            {flaws.map((flaw) => (
              <tr key={`${flaw.service} ${flaw.what} ${flaw.detail ?? ''}`}>
                <th scope="row">{flaw.service}</th>
                <td>
                  {flaw.problem}
                  <div className="dim">{flaw.change}</div>
                </td>
                <td className="number">{formatCount(flaw.count)}</td>
                {[flaw.sinceMillis, flaw.lastMillis].map((millis, index) => (
                  <td key={index === 0 ? 'since' : 'last'} className="dim">
                    <time dateTime={new Date(millis).toISOString()} title={formatDateTime(millis, zone)}>
                      {formatAgo(millis, now)}
                    </time>
                  </td>
                ))}
                <td>
                  {flaw.traceId !== undefined && (
                    <Link to="/trace/$traceId" params={{ traceId: flaw.traceId }} className="mono">
                      {flaw.traceId.slice(0, 8)}
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {truncated && <p className="dim">There are more.</p>}
    </section>
  );
}

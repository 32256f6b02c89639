import { Link } from '@tanstack/react-router';
import { AppBar, TraceIdBox } from '../features/status/app-bar.tsx';

export function NotFoundPage() {
  return (
    <>
      <AppBar>
        <TraceIdBox />
      </AppBar>
      <main className="state">
        <h2>No such page</h2>
        <p>
          Pages are the <Link to="/search">search</Link> and <span className="mono">/trace/</span> followed by
          a trace id.
        </p>
      </main>
    </>
  );
}

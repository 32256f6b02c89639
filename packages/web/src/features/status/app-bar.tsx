import { parseTraceId } from '@spanwise/model';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { setPreferences, usePreferences } from '../../state/preferences.ts';
import { Icon } from '../../ui/icons.tsx';

const pages = [
  ['/search', 'Traces'],
  ['/services', 'Services'],
  ['/logs', 'Logs'],
  ['/system', 'System'],
] as const;

/** Between the pages that stand by themselves. */
export function PageLinks() {
  return (
    <nav className="page-links" aria-label="Pages">
      {pages.map(([to, name]) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

/** The one bar of a page: the product, what the page is about, and what holds everywhere. */
export function AppBar({ children }: { readonly children?: ReactNode }) {
  return (
    <header className="app-bar">
      <Link to="/search" className="wordmark" aria-label="Spanwise: search">
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <rect x="1" y="2" width="14" height="3" rx="1" fill="var(--service-0)" />
          <rect x="3" y="6.5" width="7" height="3" rx="1" fill="var(--service-4)" />
          <rect x="8" y="11" width="7" height="3" rx="1" fill="var(--service-1)" />
        </svg>
        <span className="wordmark-name">Spanwise</span>
      </Link>
      {children}
      <ZoneToggle />
      <ThemeToggle />
    </header>
  );
}

const themes = ['system', 'light', 'dark'] as const;
const themeIcons = { system: 'screen', light: 'sun', dark: 'moon' } as const;

function ThemeToggle() {
  const { theme } = usePreferences();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length]!;
  const label = `Theme: ${theme}. Switch to ${next}`;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => setPreferences({ theme: next })}
    >
      <Icon name={themeIcons[theme]} />
    </button>
  );
}

function ZoneToggle() {
  const { zone } = usePreferences();
  const label = zone === 'utc' ? 'Times in UTC. Switch to local time' : 'Times in local time. Switch to UTC';
  return (
    <button
      type="button"
      className="icon-button zone"
      aria-label={label}
      title={label}
      onClick={() => setPreferences({ zone: zone === 'utc' ? 'local' : 'utc' })}
    >
      {zone === 'utc' ? 'UTC' : 'local'}
    </button>
  );
}

/** Jumps to a trace, in any spelling of its id. */
export function TraceIdBox() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  return (
    <search className="trace-id-search" aria-label="Open a trace">
      <form
        className="trace-id-box"
        onSubmit={(event) => {
          event.preventDefault();
          // A whole link may be pasted too.
          const traceId = parseTraceId(/\/trace\/([0-9a-fA-F]+)/.exec(text)?.[1] ?? text);
          setWrong(traceId === undefined);
          if (traceId !== undefined) void navigate({ to: '/trace/$traceId', params: { traceId } });
        }}
      >
        <input
          className="input mono"
          aria-label="Trace id"
          aria-invalid={isWrong}
          title={isWrong ? 'A trace id is up to 32 hexadecimal digits' : undefined}
          placeholder="Trace id or link"
          value={text}
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setWrong(false);
          }}
        />
        {isWrong && (
          <span className="error-text" role="alert">
            not a trace id
          </span>
        )}
      </form>
    </search>
  );
}

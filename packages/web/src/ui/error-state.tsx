import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { Icon } from './icons.tsx';

export interface ErrorStateProps {
  readonly error: Error;
  readonly onRetry: () => void;
  /** Further ways out. */
  readonly children?: ReactNode;
}

/** What happened, what is kept, what to do. */
export function ErrorState({ error, onRetry, children }: ErrorStateProps) {
  const { title, message } = describeError(error);
  return (
    <section className="state" role="alert">
      <h2>
        <span className="error-text">
          <Icon name="error" />
        </span>{' '}
        {title}
      </h2>
      <p>{message}</p>
      <div className="actions">
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
        {children}
      </div>
    </section>
  );
}

/** The one place where failures become words. */
export function describeError(error: Error): { readonly title: string; readonly message: string } {
  if (!(error instanceof ApiError)) return { title: 'The page failed', message: error.message };
  if (error.status === 0) return { title: 'No answer', message: error.message };
  if (error.code === 'storage_unavailable' || error.status === 503) {
    return {
      title: 'Storage is restarting',
      message: `${error.message} Nothing that was acknowledged is lost; this page asks again by itself.`,
    };
  }
  if (error.code === 'too_broad') return { title: 'Too much to search at once', message: error.message };
  if (error.parameter !== undefined) {
    return { title: `“${error.parameter}” is not understood`, message: error.message };
  }
  return { title: 'That did not work', message: error.message };
}

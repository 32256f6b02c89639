import { ApiError } from '../api/client.ts';
import { Icon } from './icons.tsx';

/** What happened, what is kept, what to do. */
export function ErrorState({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
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
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
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
  if (error.parameter !== undefined) {
    return { title: `“${error.parameter}” is not understood`, message: error.message };
  }
  return { title: 'That did not work', message: error.message };
}

import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/page.css';
import './features/status/app-bar.css';
import './features/search/search.css';
import './features/trace/trace.css';
import './features/waterfall/waterfall.css';
import './features/span-panel/span-panel.css';
import './features/logs/logs.css';
import './features/services/services.css';
import './features/system/system.css';
import './features/compare/compare.css';
import './ui/print.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { router } from './routes/router.tsx';
import { loadPreferences } from './state/preferences.ts';

loadPreferences();

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // Storage that restarts is back within seconds; what the asker got wrong stays wrong.
      retry: (failures, error) =>
        error instanceof ApiError && (error.status === 0 || error.status >= 500) && failures < 3,
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

import { createRootRoute, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { parseCompareState } from '../state/compare-url.ts';
import { parseLogsState } from '../state/logs-url.ts';
import { formatQuery, parseQuery, parseSearchState } from '../state/search-url.ts';
import { parseServicesState } from '../state/services-url.ts';
import { parseTraceState } from '../state/trace-url.ts';
import { ComparePage } from './compare-page.tsx';
import { LogsPage } from './logs-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { SearchPage } from './search-page.tsx';
import { ServicesPage } from './services-page.tsx';
import { SystemPage } from './system-page.tsx';
import { TracePage } from './trace-page.tsx';

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: parseSearchState,
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/search', search, replace: true });
  },
});

export const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: parseSearchState,
  component: SearchPage,
});

export const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trace/$traceId',
  validateSearch: parseTraceState,
  component: TracePage,
});

export const servicesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services',
  validateSearch: parseServicesState,
  component: ServicesPage,
});

export const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/compare',
  validateSearch: parseCompareState,
  component: ComparePage,
});

export const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logs',
  validateSearch: parseLogsState,
  component: LogsPage,
});

export const systemRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/system',
  component: SystemPage,
});

/** Behind another UI, ours stands under this path; the calls of the API don't. */
const besidePath = '/spanwise';
const isBeside = location.pathname === besidePath || location.pathname.startsWith(`${besidePath}/`);

export const router = createRouter({
  basepath: isBeside ? besidePath : '/',
  routeTree: rootRoute.addChildren([
    indexRoute,
    searchRoute,
    traceRoute,
    compareRoute,
    servicesRoute,
    logsRoute,
    systemRoute,
  ]),
  parseSearch: parseQuery,
  stringifySearch: formatQuery,
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

import { createRootRoute, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { formatQuery, parseQuery, parseSearchState } from '../state/search-url.ts';
import { parseTraceState } from '../state/trace-url.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { SearchPage } from './search-page.tsx';
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

export const router = createRouter({
  routeTree: rootRoute.addChildren([indexRoute, searchRoute, traceRoute]),
  parseSearch: parseQuery,
  stringifySearch: formatQuery,
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** One weight, 14 px. Decoration only: a name always stands beside an icon. */
const paths = {
  agent: 'M7 1.5v2M3 3.5h8v6H3zM5.5 6.5v.5M8.5 6.5v.5M1.5 6v2M12.5 6v2M4.5 9.5v3M9.5 9.5v3',
  model: 'M7 1.5l1.4 4.1 4.1 1.4-4.1 1.4L7 12.5 5.6 8.4 1.5 7l4.1-1.4z',
  tool: 'M8.6 5.4l-6 6M9 2a3 3 0 0 0 3 4M9 2l1.5 1.5M12 6l-1.5-1.5M8 3a3 3 0 0 0 3 3',
  retrieval: 'M2.5 2.5h5v6h-5zM5 11.5h4M9 8.5a2 2 0 1 0 0-4M10.5 10l2 2',
  embedding: 'M2.5 4.5h0M7 3h0M11 5.5h0M4 9.5h0M8.5 8.5h0M11.5 11h0M3 4.5l4-1.5 4 2.5-2.5 3-4.500 1z',
  memory: 'M2 4h10v6H2zM4.500 6v2M7 6v2M9.500 6v2M4 10v2M10 10v2',
  guardrail: 'M7 1.500l4.500 1.500v4c0 2.500-2 4.500-4.500 5.500C4.500 11.500 2.500 9.500 2.500 7V3z',
  http: 'M7 1.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11M1.500 7h11M7 1.500c-3.500 3.500-3.500 7.500 0 11M7 1.500c3.500 3.500 3.500 7.500 0 11',
  rpc: 'M1.500 4.500h9M8 2l2.500 2.500L8 7M12.500 9.500h-9M6 7L3.500 9.500 6 12',
  database:
    'M2.500 3.500a4.500 1.800 0 1 0 9 0a4.500 1.800 0 1 0-9 0v7a4.500 1.800 0 0 0 9 0v-7M2.500 7a4.500 1.800 0 0 0 9 0',
  queue: 'M2 3.500h10M2 7h10M2 10.500h6',
  internal: 'M7 4.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5',
  error: 'M7 1.500a5.500 5.500 0 1 0 0 11a5.500 5.500 0 1 0 0-11M7 4v3.500M7 9.700v.3',
  down: 'M3.500 5.500L7 9l3.500-3.500',
  right: 'M5.500 3.500L9 7l-3.500 3.500',
  left: 'M8.500 3.500L5 7l3.500 3.500',
  up: 'M3.500 8.500L7 5l3.500 3.500',
  copy: 'M4.500 4.500h7v7h-7zM9.500 4.500v-2h-7v7h2',
  find: 'M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8M9 9l3.500 3.500',
  close: 'M3.500 3.500l7 7M10.500 3.500l-7 7',
  live: 'M4 2.500l7 4.500-7 4.500z',
  pause: 'M4.500 3v8M9.500 3v8',
  sun: 'M7 4.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5M7 1v1.500M7 11.500V13M1 7h1.500M11.500 7H13M2.800 2.800l1 1M10.200 10.200l1 1M2.800 11.200l1-1M10.200 3.800l1-1',
  moon: 'M11.500 8.500A5 5 0 0 1 5.500 2.500a5 5 0 1 0 6 6z',
  screen: 'M1.500 2.500h11v7h-11zM5 12h4M7 9.500V12',
  link: 'M6 8l2.500-2.500M5 6L3.500 7.500a2.100 2.100 0 0 0 3 3L8 9M9 8l1.500-1.500a2.100 2.100 0 0 0-3-3L6 5',
  help: 'M5 5a2 2 0 1 1 2.800 1.900c-.6.300-.8.700-.8 1.400M7 10.200v.3',
  check: 'M2.500 7.500l3 3 6-7',
  less: 'M3.500 7h7',
  download: 'M7 1.500V9M4.500 6.500L7 9l2.500-2.500M2.500 9v3h9V9',
  share: 'M7 9V1.500M4.500 4L7 1.500 9.500 4M4 6.500H2.500v6h9v-6H10',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.25"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** A backend that runs, whoever made it. */
export interface Target {
  readonly name: string;
  /** `http://127.0.0.1:…`; `query` answers Jaeger's JSON API. */
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  readonly query: string;
  /** Of its processes, those alive now. */
  pids(): readonly number[];
  /** Ends it. Gives what its data takes on disk after merging, by part; absent for what keeps none. */
  stop(): Promise<DiskUse | undefined>;
}

export interface DiskUse {
  readonly bytes: number;
  /** The largest parts first. */
  readonly byTable: Readonly<Record<string, number>>;
}

export type StartTarget = () => Promise<Target>;

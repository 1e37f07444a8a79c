/** What the server answers, in its own words (docs/api.md and the Prometheus HTTP API). A field without a value is absent. */

export type RunState = 'pending' | 'executing' | 'finalizing' | 'finished';
export type RunResult = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip';
export type Labels = Record<string, string>;
export type Attributes = Record<string, unknown>;

export interface TaskCounts {
  total: number;
  succeeded: number;
  failed: number;
  running: number;
  /** How many of them were tried more than once. */
  retried?: number;
}

export interface Run {
  id: string;
  system: string;
  pipeline: string;
  number?: string;
  attempt?: number;
  state: RunState;
  result?: RunResult;
  errorType?: string;
  message?: string;
  runId?: string;
  url?: string;
  createdAt?: string;
  startedAt?: string;
  finishedAt?: string;
  queueSeconds?: number;
  durationSeconds?: number;
  repository?: string;
  branch?: string;
  commit?: string;
  commitTitle?: string;
  change?: string;
  actor?: string;
  trigger?: string;
  environment?: string;
  /** Run id of the run that started this one. */
  parent?: string;
  traceId?: string;
  instance?: string;
  tasks?: TaskCounts;
}

export interface Step {
  name: string;
  state?: RunState;
  result?: RunResult;
  errorType?: string;
  exitCode?: number;
  startedAt?: string;
  finishedAt?: string;
  durationSeconds?: number;
  spanId?: string;
}

export interface Task extends Omit<Step, 'state'> {
  id: string;
  type?: string;
  stage?: string;
  attempt?: number;
  state: RunState;
  message?: string;
  createdAt?: string;
  worker?: string;
  url?: string;
  logTail?: string;
  steps?: Step[];
}

export interface SpanEvent {
  name: string;
  at?: string;
  attributes?: Attributes;
}

export interface Span {
  spanId: string;
  parentSpanId?: string;
  name: string;
  service?: string;
  kind?: string;
  status?: 'unset' | 'ok' | 'error';
  statusMessage?: string;
  startedAt: string;
  startOffsetMs: number;
  durationMs: number;
  attributes?: Attributes;
  events?: SpanEvent[];
}

export interface RunDetail extends Omit<Run, 'tasks'> {
  tasks: Task[];
  spans: Span[];
  alerts?: Alert[];
  actions?: Execution[];
  /** Ids of runs it belongs with: started by it, repeated by it, or naming it as their parent. */
  related?: string[];
}

export type ExecutionStatus = 'allowed' | 'refused' | 'dry_run' | 'running' | 'succeeded' | 'failed';

export interface Execution {
  id: string;
  policy: string;
  action: string;
  executor?: string;
  status: ExecutionStatus;
  /** The rule of the policy that spoke, e.g. `cooldown`; absent if all agreed. */
  rule?: string;
  reason?: string;
  /** What is done, in words: the command line or the request. */
  what?: string;
  alert?: { alertname: string; labels: Labels };
  run?: string;
  decidedAt?: string;
  startedAt?: string;
  finishedAt?: string;
  durationSeconds?: number;
  causedAt?: string;
  latencySeconds?: number;
  output?: string;
  error?: string;
  /** Exit code or HTTP status. */
  code?: number;
}

export interface Policy {
  name: string;
  alerts?: string[];
  condition?: string;
  action: string;
  executor?: string;
  groupBy?: string[];
  cooldownSeconds?: number;
  rateLimit?: { count: number; perSeconds: number };
  concurrency?: number;
  dryRun?: boolean;
  lastDecisionAt?: string;
}

export interface JournalEntry {
  position: number;
  at: string;
  kind: string;
  actor: string;
  subject: string;
  reason?: string;
  details?: unknown;
  hash: string;
  previousHash: string;
}

export interface JournalVerdict {
  ok: boolean;
  entries: number;
  firstBad?: number;
  error?: string;
}

export interface ServerStatus {
  version?: string;
  startedAt?: string;
  dataDir?: string;
  ready?: boolean;
  config?: { path?: string; loadedAt?: string; ok?: boolean; error?: string };
  store?: { series?: number; samples?: number; bytes?: number };
  traces?: { spans?: number; bytes?: number };
  journal?: { head?: number };
  listen?: string[];
}

export interface Alert {
  labels: Labels;
  annotations?: Labels;
  state: string;
  activeAt?: string;
  value?: string;
}

export interface Rule {
  name: string;
  query: string;
  type: 'alerting' | 'recording';
  state?: string;
  duration?: number;
  labels?: Labels;
  annotations?: Labels;
  alerts?: Alert[];
  health?: string;
  lastError?: string;
  evaluationTime?: number;
  lastEvaluation?: string;
}

export interface RuleGroup {
  name: string;
  file: string;
  interval: number;
  evaluationTime?: number;
  lastEvaluation?: string;
  rules: Rule[];
}

export interface Target {
  scrapePool: string;
  scrapeUrl: string;
  globalUrl?: string;
  labels: Labels;
  discoveredLabels?: Labels;
  health: string;
  lastError?: string;
  lastScrape?: string;
  lastScrapeDuration?: number;
  scrapeInterval?: string;
  scrapeTimeout?: string;
}

export interface Page<T> {
  items: T[];
  next?: string | undefined;
}

export interface NativeHistogram {
  count: string;
  sum: string;
  buckets?: [number, string, string, string][];
}

export interface Series {
  metric: Labels;
  value?: [number, string];
  values?: [number, string][];
  histogram?: [number, NativeHistogram];
  histograms?: [number, NativeHistogram][];
}

/** What a part of a query's plan did; docs/promql.md, "What a query did". */
export interface PlanPart {
  operator: string;
  expression: string;
  type: string;
  steps: number;
  seriesSelected: number;
  seriesIn: number;
  seriesOut: number;
  pagesRead?: number;
  samplesRead: number;
  samplesTouched: number;
  inclusiveSeconds: number;
  exclusiveSeconds: number;
  sourceSeconds: number;
  suggestion?: string;
  children: PlanPart[];
}

export type QueryResult = { explain?: PlanPart } & (
  | { resultType: 'vector'; result: Series[] }
  | { resultType: 'matrix'; result: Series[] }
  | { resultType: 'scalar'; result: readonly [number, string] }
  | { resultType: 'string'; result: readonly [number, string] }
);

/** What `/api/v1/query_exemplars` says of one series. */
export interface ExemplarSeries {
  seriesLabels: Labels;
  exemplars: { labels: Labels; value: string; timestamp: number }[];
}

export interface QueryAnswer {
  data: QueryResult;
  warnings: string[];
  infos: string[];
}

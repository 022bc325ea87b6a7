// The few numbers that a serving process shows to Prometheus.

/** Upper bounds in seconds, inclusive. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

interface Series {
  readonly requests: Map<number, number>
  readonly buckets: number[]
  sumS: number
  count: number
  predictions: number
}

export interface ServingMetrics {
  /** One finished request: HTTP status, rows predicted, seconds until the answer was handed over. */
  observe(request: { pipeline: string; status: number; rows: number; seconds: number }): void
  /** A request that was refused before it had a route: HTTP status. */
  countRefused(status: number): void
  countLoad(pipeline: string, outcome: 'loaded' | 'refused' | 'failed' | 'emptied'): void
  /** Text exposition format 0.0.4. `live`: pipeline → digest in service; `rolledBack`: pipelines whose model a rollback put there. */
  render(live: Readonly<Record<string, string | null>>, rolledBack?: ReadonlySet<string>): string
}

/** Counters of this process, all zero. */
export function createServingMetrics(): ServingMetrics {
  const byPipeline = new Map<string, Series>()
  const loads = new Map<string, number>()
  const refused = new Map<number, number>()
  const seriesOf = (pipeline: string): Series => {
    let series = byPipeline.get(pipeline)
    if (series === undefined) {
      series = { requests: new Map(), buckets: BUCKETS_S.map(() => 0), sumS: 0, count: 0, predictions: 0 }
      byPipeline.set(pipeline, series)
    }
    return series
  }
  return {
    observe({ pipeline, status, rows, seconds }) {
      const series = seriesOf(pipeline)
      series.requests.set(status, (series.requests.get(status) ?? 0) + 1)
      series.sumS += seconds
      series.count++
      series.predictions += rows
      BUCKETS_S.forEach((bound, i) => {
        if (seconds <= bound) series.buckets[i]!++
      })
    },
    countRefused: (status) => void refused.set(status, (refused.get(status) ?? 0) + 1),
    countLoad(pipeline, outcome) {
      const labels = `pipeline="${escapeLabel(pipeline)}",outcome="${outcome}"`
      loads.set(labels, (loads.get(labels) ?? 0) + 1)
    },
    render: (live, rolledBack = new Set()) => {
      const all = [...lines(byPipeline, loads, live), ...rollbacks(live, rolledBack), ...refusals(refused)]
      return `${all.join('\n')}\n`
    },
  }
}

function lines(
  byPipeline: ReadonlyMap<string, Series>,
  loads: ReadonlyMap<string, number>,
  live: Readonly<Record<string, string | null>>,
): string[] {
  const out: string[] = [...head('sluice_serve_requests_total', 'counter', 'Requests by HTTP status')]
  for (const [pipeline, series] of byPipeline) {
    for (const [status, count] of series.requests) {
      out.push(`sluice_serve_requests_total{pipeline="${escapeLabel(pipeline)}",status="${status}"} ${count}`)
    }
  }
  out.push(...head('sluice_serve_predictions_total', 'counter', 'Rows predicted'))
  for (const [pipeline, { predictions }] of byPipeline) {
    out.push(`sluice_serve_predictions_total{pipeline="${escapeLabel(pipeline)}"} ${predictions}`)
  }
  out.push(...head('sluice_serve_seconds', 'histogram', 'Seconds from request to answer'))
  for (const [pipeline, series] of byPipeline) out.push(...histogram(`pipeline="${escapeLabel(pipeline)}"`, series))
  out.push(...head('sluice_serve_loads_total', 'counter', 'Attempts to put a model into service'))
  for (const [labels, count] of loads) out.push(`sluice_serve_loads_total{${labels}} ${count}`)
  out.push(...head('sluice_serve_model_info', 'gauge', 'The model in service'))
  for (const [pipeline, model] of Object.entries(live)) {
    if (model !== null) out.push(`sluice_serve_model_info{pipeline="${escapeLabel(pipeline)}",model="${model}"} 1`)
  }
  return out
}

/** 0 or 1 for every model in service: an alert on it lasts until a new model is approved. */
function rollbacks(live: Readonly<Record<string, string | null>>, rolledBack: ReadonlySet<string>): string[] {
  const name = 'sluice_serve_rolled_back'
  const models = Object.entries(live).filter(([, model]) => model !== null)
  return [
    ...head(name, 'gauge', 'Whether a rollback put the model into service'),
    ...models.map(([pipeline]) => `${name}{pipeline="${escapeLabel(pipeline)}"} ${rolledBack.has(pipeline) ? 1 : 0}`),
  ]
}

function refusals(refused: ReadonlyMap<number, number>): string[] {
  const name = 'sluice_serve_refused_total'
  const counts = [...refused].map(([status, count]) => `${name}{status="${status}"} ${count}`)
  return [
    ...head(name, 'counter', 'Requests that ended before they had a route: broken, late or too long headers'),
    ...counts,
  ]
}

function histogram(labels: string, { buckets, sumS, count }: Series): string[] {
  return [
    ...BUCKETS_S.map((bound, i) => `sluice_serve_seconds_bucket{${labels},le="${bound}"} ${buckets[i]}`),
    `sluice_serve_seconds_bucket{${labels},le="+Inf"} ${count}`,
    `sluice_serve_seconds_sum{${labels}} ${sumS}`,
    `sluice_serve_seconds_count{${labels}} ${count}`,
  ]
}

const head = (name: string, type: string, help: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
]

const escapeLabel = (label: string): string => label.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')

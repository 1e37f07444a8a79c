// Answers PromQL well enough for the editor, the graph and the table: curves by metric name, no evaluation.
import { random } from './story.mjs';

const metrics = {
    up: {
        type: 'gauge',
        help: '1 if the last scrape of the target succeeded',
        series: [
            { job: 'flyball', instance: '127.0.0.1:9090' },
            { job: 'shop', instance: '127.0.0.1:8081' },
            { job: 'shop', instance: '127.0.0.1:8082' },
            { job: 'node', instance: '127.0.0.1:9100' },
        ],
    },
    http_requests_total: {
        type: 'counter',
        help: 'Requests answered, by route and status code',
        series: [
            { job: 'shop', route: '/checkout', code: '200' },
            { job: 'shop', route: '/cart', code: '200' },
            { job: 'shop', route: '/products', code: '200' },
            { job: 'shop', route: '/checkout', code: '500' },
        ],
    },
    http_request_duration_seconds_bucket: {
        type: 'histogram',
        help: 'Seconds from request to answer',
        series: [
            { job: 'shop', route: '/checkout' },
            { job: 'shop', route: '/cart' },
            { job: 'shop', route: '/products' },
        ],
    },
    ci_run_duration_seconds: {
        type: 'gauge',
        help: 'Duration of pipeline runs',
        series: [{ pipeline: 'shop' }, { pipeline: 'payments-api' }, { pipeline: 'docs-site' }],
    },
    ci_run_queue_seconds: {
        type: 'gauge',
        help: 'Time a run waited before its first task started',
        series: [{ pipeline: 'shop' }, { pipeline: 'payments-api' }, { pipeline: 'docs-site' }],
    },
    ci_task_result: {
        type: 'gauge',
        help: '1 for the result a task ended with',
        series: [
            { pipeline: 'shop', task: 'test', result: 'failure' },
            { pipeline: 'shop', task: 'test', result: 'success' },
        ],
    },
    process_resident_memory_bytes: {
        type: 'gauge',
        help: 'Resident memory',
        series: [
            { job: 'flyball', instance: '127.0.0.1:9090' },
            { job: 'shop', instance: '127.0.0.1:8081' },
        ],
    },
    node_cpu_seconds_total: {
        type: 'counter',
        help: 'Seconds the CPUs spent in each mode',
        series: [
            { cpu: '0', mode: 'user' },
            { cpu: '0', mode: 'system' },
            { cpu: '1', mode: 'user' },
            { cpu: '1', mode: 'system' },
        ],
    },
};

export const metricNames = () => Object.keys(metrics).sort();
export const metadata = () =>
    Object.fromEntries(Object.entries(metrics).map(([name, m]) => [name, [{ type: m.type, help: m.help, unit: '' }]]));
export const seriesOf = (name) => (metrics[name]?.series ?? []).map((labels) => ({ __name__: name, ...labels }));
export const allLabels = () =>
    [...new Set(Object.values(metrics).flatMap((m) => m.series.flatMap(Object.keys)))].concat('__name__').sort();
export const labelValues = (label) =>
    [
        ...new Set(
            label === '__name__'
                ? metricNames()
                : Object.values(metrics)
                      .flatMap((m) => m.series.map((s) => s[label]))
                      .filter(Boolean),
        ),
    ].sort();

/** A parse error as Prometheus words it, or undefined. */
export function parseError(expr) {
    const open = [];
    for (const [i, c] of [...expr].entries()) {
        if ('([{'.includes(c)) open.push([c, i]);
        if (')]}'.includes(c) && open.pop() === undefined)
            return `invalid parameter "query": 1:${i + 1}: parse error: unexpected right parenthesis ')'`;
    }
    if (open.length)
        return `invalid parameter "query": 1:${expr.length + 1}: parse error: unclosed left ${open[0][0] === '(' ? 'parenthesis' : open[0][0] === '[' ? 'bracket' : 'brace'}`;
    const known =
        /^(rate|irate|increase|sum|avg|max|min|count|topk|bottomk|quantile|histogram_quantile|avg_over_time|max_over_time|min_over_time|sum_over_time|count_over_time|time|abs|delta|deriv|label_replace|absent|vector|scalar|sort|sort_desc|clamp_max|clamp_min|round)$/;
    const calls = expr
        .replace(/\b(by|on|without|ignoring|group_left|group_right)\s*\(/g, (m) => ' '.repeat(m.length))
        .matchAll(/\b([a-z_]+)\(/g);
    const unknown = [...calls].find((call) => !known.test(call[1]));
    if (unknown)
        return `invalid parameter "query": 1:${unknown.index + 1}: parse error: unknown function with name "${unknown[1]}"`;
    return undefined;
}

/** Series with values at every step; the story's slow release shows in latencies. */
export function evaluate(expr, startSeconds, endSeconds, stepSeconds, world) {
    if (/^ALERTS\b/.test(expr.trim())) return alertsSeries(startSeconds, endSeconds, stepSeconds, world);
    const name = Object.keys(metrics).find((m) => expr.includes(m));
    if (!name)
        return /^[\s\d.+*/()-]+$/.test(expr)
            ? [{ metric: {}, values: steps(startSeconds, endSeconds, stepSeconds).map((t) => [t, '1']) }]
            : [];
    const by = /by\s*\(([^)]*)\)/
        .exec(expr)?.[1]
        .split(',')
        .map((s) => s.trim());
    const bare = !/[(]/.test(expr);
    const groups = new Map();
    for (const labels of metrics[name].series) {
        const wanted = [...expr.matchAll(/(\w+)\s*=\s*"([^"]*)"/g)];
        if (wanted.some(([, k, v]) => k in labels && labels[k] !== v)) continue;
        const kept = by
            ? Object.fromEntries(by.filter((l) => labels[l] !== undefined).map((l) => [l, labels[l]]))
            : /\b(sum|avg|max|min|count|quantile)\s*\(/.test(expr)
              ? {}
              : { ...(bare && { __name__: name }), ...labels };
        groups.set(JSON.stringify(kept), kept);
    }
    return [...groups.values()].map((metric, index) => {
        const values = steps(startSeconds, endSeconds, stepSeconds).map((t) => [
            t,
            String(valueAt(name, metric, index, t, expr, world)),
        ]);
        return { metric, values };
    });
}

function steps(from, to, step) {
    const list = [];
    for (let t = from; t <= to + 1e-9; t += step) list.push(Number(t.toFixed(3)));
    return list;
}

function valueAt(name, metric, index, t, expr, world) {
    const noise = random(Math.floor(t * 10) + index * 7919)();
    const wave = Math.sin(t / 340 + index * 1.7) + 0.5 * Math.sin(t / 97 + index);
    const slow =
        t * 1000 > world.marks.slowFrom &&
        t * 1000 < world.marks.slowUntil &&
        (metric.route === '/checkout' || metric.route === undefined);
    if (name === 'up') return metric.job === 'node' ? 0 : 1;
    if (name.includes('duration_seconds_bucket'))
        return (0.04 + index * 0.018 + 0.008 * wave + noise * 0.012 + (slow ? 0.36 : 0)).toFixed(5);
    if (name === 'http_requests_total')
        return /rate|increase/.test(expr)
            ? (12 - index * 3 + wave * 1.2 + noise * 1.6).toFixed(4)
            : Math.floor((t % 1e6) * (4 - index));
    if (name === 'process_resident_memory_bytes') return Math.round(88e6 - index * 31e6 + wave * 2e6 + noise * 5e5);
    if (name === 'node_cpu_seconds_total') return (0.22 + index * 0.06 + wave * 0.05 + noise * 0.03).toFixed(4);
    return (16 + index * 14 + wave * 3 + noise * 2).toFixed(3);
}

function alertsSeries(from, to, step, world) {
    const live = world.alerts.map((a) => ({
        metric: { __name__: 'ALERTS', alertstate: a.state, ...a.labels },
        from: Date.parse(a.activeAt),
        until: Infinity,
    }));
    const gone = world.resolved.map((r) => ({
        metric: { __name__: 'ALERTS', alertstate: 'firing', ...r.labels },
        from: r.from,
        until: r.until,
    }));
    return [...live, ...gone]
        .map(({ metric, from: a, until }) => ({
            metric,
            values: steps(from, to, step)
                .filter((t) => t * 1000 >= a && t * 1000 <= until + step * 1000)
                .map((t) => [t, '1']),
        }))
        .filter((s) => s.values.length);
}

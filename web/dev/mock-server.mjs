// Flyball's HTTP API with made-up data, for working on the console without a server.
//   node dev/mock-server.mjs [--port 9099] [--empty] [--still] [--dist]
// --empty: a server nothing has reported to yet. --still: no live events. --dist: also serves web/dist as the server does.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { allLabels, evaluate, labelValues, metadata, metricNames, parseError, seriesOf } from './series.mjs';
import { createWorld, hex, iso, listForm, makeRun, planOf } from './story.mjs';

const { values: flags } = parseArgs({
    options: {
        port: { type: 'string', default: '9099' },
        empty: { type: 'boolean' },
        still: { type: 'boolean' },
        dist: { type: 'boolean' },
    },
});
const world = createWorld();
if (flags.empty)
    for (const key of ['runs', 'actions', 'policies', 'journal', 'alerts', 'ruleGroups', 'targets', 'resolved'])
        world[key] = [];
const live = new Set();
let eventId = 0;

const page = (list, query, key) => {
    const limit = Math.min(Number(query.get('limit') ?? 50), 1000);
    const from = Number(query.get('before') ?? 0);
    const next = from + limit < list.length ? String(from + limit) : undefined;
    return { [key]: list.slice(from, from + limit), ...(next && { next }) };
};
const same = (query, item, names) =>
    names.every(
        (name) =>
            !query.get(name) ||
            item[name] === query.get(name) ||
            (name === 'commit' && item.commit?.startsWith(query.get(name))),
    );
const promise = (data) => ({ status: 'success', data });
const failure = (errorType, error) => ({ status: 'error', errorType, error });

const routes = {
    '/api/flyball/status': () => ({ ...world.status, journal: { head: world.journal.length } }),
    '/api/flyball/runs': (q) =>
        page(
            world.runs
                .filter((r) => same(q, r, ['system', 'pipeline', 'state', 'result', 'branch', 'commit']))
                .map(listForm),
            q,
            'runs',
        ),
    // The made-up world has no history to ask about: the pages show how they look then.
    '/api/flyball/questions': () => ({ questions: [] }),
    '/api/flyball/questions/stuck': () => ({ question: 'stuck', total: 0, facts: {}, columns: [], rows: [] }),
    '/api/flyball/questions/critical-path': () => ({
        question: 'critical-path',
        total: 0,
        facts: {},
        columns: [],
        rows: [],
    }),
    '/api/flyball/tests': () => ({ tests: [] }),
    '/api/flyball/tests/history': () => ({ executions: [] }),
    '/api/flyball/actions': (q) =>
        page(
            world.actions.filter((a) => same(q, a, ['status'])),
            q,
            'actions',
        ),
    '/api/flyball/policies': () => ({ policies: world.policies }),
    '/api/flyball/journal': (q) => ({
        ...page(
            world.journal
                .filter(
                    (e) => same(q, e, ['subject']) && `${e.kind}.`.startsWith(q.get('kind') ? `${q.get('kind')}.` : ''),
                )
                .toReversed?.() ?? [...world.journal].reverse(),
            q,
            'entries',
        ),
        head: world.journal.length,
    }),
    '/api/flyball/journal/verify': () => ({ ok: true, entries: world.journal.length }),
    '/api/v1/alerts': () => promise({ alerts: world.alerts }),
    '/api/v1/rules': () => promise({ groups: world.ruleGroups }),
    '/api/v1/targets': () => promise({ activeTargets: world.targets, droppedTargets: [], droppedTargetCounts: {} }),
    '/api/v1/metadata': () => promise(metadata()),
    '/api/v1/labels': () => promise(allLabels()),
    '/api/v1/series': (q) => promise(seriesOf(/[a-z_:]\w*/i.exec(q.get('match[]') ?? '')?.[0] ?? '')),
    '/api/v1/status/buildinfo': () => promise({ version: '3.14.0', application: 'flyball' }),
    '/api/v1/status/flags': () => promise({ 'query.lookback-delta': '5m' }),
    '/api/v1/query': (q) =>
        answer(q, () => {
            const at = Number(q.get('time') ?? Date.now() / 1000);
            if (/^ALERTS\[/.test(q.get('query') ?? ''))
                return { resultType: 'matrix', result: evaluate('ALERTS', at - 3600, at, 5, world) };
            const result = evaluate(q.get('query') ?? '', at, at, 1, world).map((s) => ({
                metric: s.metric,
                value: s.values[0],
            }));
            return { resultType: 'vector', result };
        }),
    '/api/v1/query_range': (q) =>
        answer(q, () => ({
            resultType: 'matrix',
            result: evaluate(
                q.get('query') ?? '',
                Number(q.get('start')),
                Number(q.get('end')),
                Number(q.get('step')),
                world,
            ),
        })),
};

function answer(query, compute) {
    const error = query.get('query')?.trim()
        ? parseError(query.get('query'))
        : 'invalid parameter "query": unknown position: parse error: no expression found in input';
    return error ? failure('bad_data', error) : promise(compute());
}

const types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
    '.txt': 'text/plain; charset=utf-8',
};

async function serveFile(path, response) {
    const root = new URL('../dist/', import.meta.url).pathname;
    const send = async (name) => {
        const body = await readFile(join(root, normalize(name)));
        response
            .writeHead(200, {
                'content-type': types[extname(name)] ?? 'application/octet-stream',
                'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
            })
            .end(body);
    };
    await send(path === '/' ? 'index.html' : path).catch(() => send('index.html'));
}

async function read(request) {
    let body = '';
    for await (const chunk of request) body += chunk;
    return body;
}

createServer(async (request, response) => {
    const url = new URL(request.url, 'http://mock');
    const query = request.method === 'POST' ? new URLSearchParams(await read(request)) : url.searchParams;
    const json = (body, status = 200) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/api/flyball/live') {
        response
            .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
            .write('retry: 1000\n\n');
        live.add(response);
        response.on('close', () => live.delete(response));
        return;
    }
    const run = /^\/api\/flyball\/runs\/([0-9a-f]+)$/.exec(url.pathname);
    if (run) {
        const found = world.runs.find((r) => r.id === run[1]);
        return found
            ? json({ ...found, counts: undefined, actions: world.actions.filter((a) => a.run === found.id) })
            : json({ error: `no run ${run[1]}; list the runs to find its id` }, 404);
    }
    const values = /^\/api\/v1\/label\/(.+)\/values$/.exec(url.pathname);
    if (values) return json(promise(labelValues(decodeURIComponent(values[1]))));
    const route = routes[url.pathname];
    if (route) {
        const body = route(query);
        return json(body, body.status === 'error' ? 400 : 200);
    }
    if (flags.dist && !url.pathname.startsWith('/api/')) return serveFile(url.pathname, response);
    return json({ error: `nothing at ${url.pathname}` }, 404);
}).listen(Number(flags.port), '127.0.0.1', () => console.log(`mock server on http://127.0.0.1:${flags.port}`));

function emit(event, data) {
    const text = `id: ${++eventId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const response of live) response.write(text);
}

// The present: scrapes every five seconds, and every twenty a new run whose tasks pass one after the other.
function simulate() {
    setInterval(() => {
        for (const target of world.targets) {
            target.lastScrape = iso(Date.now());
            emit('target', target);
        }
        for (const group of world.ruleGroups) {
            group.lastEvaluation = iso(Date.now());
            for (const rule of group.rules) rule.lastEvaluation = group.lastEvaluation;
        }
    }, 5_000);
    let number = 204;
    const going = [];
    const start = () => {
        const pipeline = number % 3 === 0 ? 'docs-site' : 'payments-api';
        going.push({
            pipeline,
            number: number++,
            createdAt: Date.now(),
            queue: 1.4,
            branch: 'main',
            commit: hex(40),
            actor: 'grace',
            id: hex(32),
            plan: planOf(pipeline, number % 5 === 0 ? 'failure' : 'success').map((step) => ({ ...step, wait: 0.3 })),
        });
    };
    start();
    going[0].createdAt -= 30_000;
    setInterval(start, 20_000);
    setInterval(() => {
        for (const options of [...going]) {
            const run = makeRun({ ...options, now: Date.now() });
            const index = world.runs.findIndex((r) => r.id === run.id);
            const before = index < 0 ? '' : JSON.stringify(world.runs[index].tasks.map((t) => t.state));
            if (index < 0) world.runs.unshift(run);
            else world.runs[index] = run;
            if (before !== JSON.stringify(run.tasks.map((t) => t.state))) emit('run', listForm(run));
            if (run.state === 'finished') going.splice(going.indexOf(options), 1);
        }
    }, 500);
}

if (!flags.empty && !flags.still) simulate();

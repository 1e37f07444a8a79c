// The world the mock server shows: the demo's story (a flaky test that was run again, a slow release that was rolled back)
// in front of a few days of ordinary runs. Everything is relative to the moment the mock starts, and seeded.
import { createHash } from 'node:crypto';

export function random(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const roll = random(17);
const hex = (length) => Array.from({ length }, () => Math.floor(roll() * 16).toString(16)).join('');
const iso = (ms) => new Date(ms).toISOString();
const between = (low, high) => low + roll() * (high - low);

export const pipelines = {
    shop: {
        system: 'step',
        repository: 'git.example.org/shop',
        tasks: [
            ['checkout', 0.4],
            ['build', 6.1],
            ['test', 3.3],
            ['deploy', 2.7],
        ],
    },
    'payments-api': {
        system: 'tekton',
        repository: 'git.example.org/payments-api',
        tasks: [
            ['fetch-source', 2.1],
            ['lint', 4.2],
            ['unit-tests', 21],
            ['image', 17],
            ['sign', 2.4],
            ['deploy-staging', 9],
        ],
    },
    'docs-site': {
        system: 'github',
        repository: 'git.example.org/docs',
        tasks: [
            ['checkout', 1.2],
            ['render', 12],
            ['links', 6],
            ['publish', 3],
        ],
    },
    'mobile-nightly': {
        system: 'buildkite',
        repository: 'git.example.org/mobile',
        tasks: [
            ['prepare', 8],
            ['android', 96],
            ['ios', 118],
            ['screenshots', 41],
            ['report', 3],
        ],
    },
};

const parts = {
    checkout: [
        ['git fetch', 0.7],
        ['git checkout', 0.2],
    ],
    'fetch-source': [
        ['clone', 0.8],
        ['submodules', 0.15],
    ],
    build: [
        ['dotnet restore', 0.28],
        ['dotnet build', 0.6],
        ['publish', 0.1],
    ],
    test: [
        ['Cart totals', 0.2],
        ['Checkout charges once', 0.45],
        ['Stock never negative', 0.25],
    ],
    'unit-tests': [
        ['Ledger', 0.3],
        ['Refunds', 0.4],
        ['Currency rounding', 0.2],
    ],
    image: [
        ['base layers', 0.5],
        ['app layer', 0.25],
        ['push', 0.2],
    ],
    deploy: [
        ['PUT /releases/shop', 0.15],
        ['wait until healthy', 0.75],
    ],
    'deploy-staging': [
        ['apply manifests', 0.2],
        ['rollout status', 0.7],
    ],
    render: [
        ['collect pages', 0.2],
        ['render pages', 0.7],
    ],
    android: [
        ['gradle assemble', 0.6],
        ['instrumented tests', 0.35],
    ],
    ios: [
        ['xcodebuild', 0.65],
        ['ui tests', 0.3],
    ],
};

const failingTest = `  Checkout charges once [FAIL]
    Expected: 1 charge
    Actual:   2 charges (ids ch_8f21, ch_8f22, 41 ms apart)
      at Shop.Tests.CheckoutTests.Charges_once() in CheckoutTests.cs:line 58
Failed!  - Failed: 1, Passed: 47, Skipped: 0, Total: 48, Duration: 2 s`;

/** One run as GET /api/flyball/runs/{id} answers, from a plan: [{name, seconds, result, exitCode, gap, attempt, log, after}]. */
export function makeRun(options) {
    const { pipeline, number, createdAt, plan, queue = 0.4, now = Infinity } = options;
    const { system, repository } = pipelines[pipeline] ?? { system: 'step', repository: 'git.example.org/shop' };
    const traceId = options.id ?? hex(32);
    let spanCount = 0;
    const nextSpanId = () => traceId.slice(0, 8) + (spanCount++).toString(16).padStart(8, '0'); // the same at every look at a running run
    const rootId = nextSpanId();
    const service = pipeline;
    const startedAt = createdAt + queue * 1000;
    const spans = [];
    const tasks = [];
    const ends = new Map();
    let at = startedAt + 30;
    const span = (id, parent, name, from, seconds, extra = {}) =>
        spans.push({
            spanId: id,
            ...(parent && { parentSpanId: parent }),
            name,
            service,
            kind: 'internal',
            status: extra.status ?? 'unset',
            ...(extra.statusMessage && { statusMessage: extra.statusMessage }),
            startedAt: iso(from),
            startOffsetMs: from - startedAt,
            durationMs: Math.max(0.1, seconds * 1000),
            attributes: extra.attributes ?? {},
            events: extra.events ?? [],
        });
    for (const step of plan) {
        const waits = step.wait ?? 0.08 + roll() * 0.12;
        const created = step.after !== undefined ? (ends.get(step.after) ?? at) : at;
        const from = created + waits * 1000 + (step.gap ?? 0) * 1000;
        const until = from + step.seconds * 1000;
        ends.set(step.name, until);
        at = Math.max(at, until) + 25;
        const pending = from > now;
        const running = !pending && until > now;
        const attempt = step.attempt ?? 1;
        const result = step.result ?? 'success';
        const failed = result !== 'success' && result !== 'skip';
        const spanId = nextSpanId();
        tasks.push({
            id: `${traceId.slice(0, 8)}-${step.name}-${attempt}`,
            name: step.name,
            type: step.type ?? typeOf(step.name),
            attempt,
            state: pending ? 'pending' : running ? 'executing' : 'finished',
            ...(!pending &&
                !running && {
                    result,
                    ...(failed && { errorType: step.errorType ?? 'exit_code' }),
                    exitCode: step.exitCode ?? (failed ? 1 : 0),
                    finishedAt: iso(until),
                }),
            createdAt: iso(Math.min(created + (step.gap ?? 0) * 1000, now)),
            ...(!pending && { startedAt: iso(from), spanId }),
            ...(!pending && { durationSeconds: (Math.min(until, now) - from) / 1000 }),
            worker: step.worker ?? (system === 'tekton' ? `pod/${pipeline}-${number}-${step.name}` : 'builder-1'),
            ...(step.log && !running && !pending && { logTail: step.log }),
            steps: [],
        });
        if (pending || running) continue;
        span(spanId, rootId, step.name, from, step.seconds, {
            status: failed ? 'error' : 'ok',
            statusMessage: failed ? `exit code ${step.exitCode ?? 1}` : undefined,
            attributes: {
                'cicd.pipeline.task.name': step.name,
                'cicd.pipeline.task.type': typeOf(step.name),
                'cicd.pipeline.task.run.result': result,
                'process.exit.code': step.exitCode ?? (failed ? 1 : 0),
                'process.command_line': step.command ?? `make ${step.name}`,
                'cicd.worker.name': step.worker ?? 'builder-1',
                ...(attempt > 1 && { 'cicd.pipeline.task.run.attempt': attempt }),
                ...step.attributes,
            },
            events: failed
                ? [
                      {
                          name: 'exception',
                          at: iso(until - 40),
                          attributes: {
                              'exception.type': 'AssertFailed',
                              'exception.message': step.message ?? 'Expected: 1 charge, actual: 2 charges',
                          },
                      },
                  ]
                : [],
        });
        let inner = from + step.seconds * 30;
        for (const [index, [name, share]] of (parts[step.name] ?? []).entries()) {
            const last = index === parts[step.name].length - 2 && failed;
            const child = nextSpanId();
            span(child, spanId, name, inner, step.seconds * share * 0.92, {
                status: last ? 'error' : 'unset',
                attributes: { 'code.function': name, 'thread.id': 1 + Math.floor(roll() * 8) },
            });
            if (step.seconds > 5) {
                const slice = (step.seconds * share * 0.92) / 3;
                for (let i = 0; i < 2; i++)
                    span(nextSpanId(), child, `${name} · part ${i + 1}`, inner + i * slice * 1050, slice, {
                        attributes: { 'part.number': i + 1 },
                    });
            }
            inner += step.seconds * share * 950;
        }
    }
    const running = tasks.some((task) => task.state !== 'finished');
    const finishedAt = at;
    const latest = new Map(tasks.map((task) => [task.name, task]));
    const last = [...latest.values()];
    const bad = last.find((task) => task.result && task.result !== 'success' && task.result !== 'skip');
    const result = options.result ?? bad?.result ?? 'success';
    if (!running || startedAt < now)
        span(
            rootId,
            undefined,
            `${pipeline} #${number}`,
            startedAt,
            ((running ? now : finishedAt) - startedAt) / 1000,
            {
                status: running ? 'unset' : result === 'success' ? 'ok' : 'error',
                attributes: {
                    'cicd.pipeline.name': pipeline,
                    'cicd.pipeline.run.id': String(number),
                    'vcs.ref.head.name': options.branch ?? 'main',
                    'vcs.ref.head.revision': options.commit,
                    'vcs.repository.url.full': `https://${repository}`,
                },
            },
        );
    return {
        id: traceId,
        system,
        pipeline,
        number: String(number),
        attempt: 1,
        state: startedAt > now ? 'pending' : running ? 'executing' : 'finished',
        ...(!running && { result, finishedAt: iso(finishedAt), ...(bad && { errorType: bad.errorType }) }),
        ...(options.url && { url: options.url }),
        createdAt: iso(createdAt),
        ...(startedAt <= now && { startedAt: iso(startedAt) }),
        queueSeconds: (Math.min(startedAt, now) - createdAt) / 1000,
        durationSeconds: Math.max(0, (running ? now : finishedAt) - startedAt) / 1000,
        repository,
        branch: options.branch ?? 'main',
        commit: options.commit ?? hex(40),
        ...(options.commitTitle && { commitTitle: options.commitTitle }),
        ...(bad &&
            !running && {
                message: `task ${bad.name} ${bad.errorType === 'oom_killed' ? 'was killed: out of memory' : `ended with exit code ${bad.exitCode}`}`,
            }),
        ...(options.change && { change: options.change }),
        actor: options.actor ?? 'ada',
        trigger: options.trigger ?? 'push',
        traceId,
        tasks,
        counts: countTasks(last),
        spans,
        alerts: options.alerts ?? [],
    };
}

const countTasks = (tasks) => ({
    total: tasks.length,
    succeeded: tasks.filter((t) => t.result === 'success').length,
    failed: tasks.filter((t) => t.result && t.result !== 'success' && t.result !== 'skip').length,
    running: tasks.filter((t) => t.state === 'executing').length,
});

const typeOf = (name) => (/test|lint|links/.test(name) ? 'test' : /deploy|publish/.test(name) ? 'deploy' : 'build');

export function listForm(run) {
    const { tasks: _tasks, spans: _spans, alerts: _alerts, counts, ...rest } = run;
    return { ...rest, tasks: counts };
}

export function planOf(pipeline, outcome = 'success') {
    const list = pipelines[pipeline].tasks;
    const failAt = outcome === 'success' ? -1 : 1 + Math.floor(roll() * (list.length - 1));
    const plan = [];
    for (const [index, [name, seconds]] of list.entries()) {
        const parallel = name === 'ios' || name === 'unit-tests' ? list[0][0] : undefined;
        plan.push({
            name,
            seconds: seconds * between(0.8, 1.25),
            ...(parallel && { after: parallel }),
            ...(index === failAt && {
                result: outcome,
                exitCode: outcome === 'timeout' ? 124 : outcome === 'error' ? 137 : 2,
                errorType: outcome === 'error' ? 'oom_killed' : outcome === 'timeout' ? 'timeout' : 'exit_code',
                log: failingTest,
            }),
        });
        if (index === failAt) break;
    }
    return plan;
}

function journalOf(drafts) {
    let previousHash = '0'.repeat(64);
    return drafts
        .sort((a, b) => a.at - b.at)
        .map((draft, position) => {
            const body = { position, ...draft, at: iso(draft.at), details: draft.details ?? {} };
            const hash = createHash('sha256')
                .update(previousHash + JSON.stringify(body))
                .digest('hex');
            const entry = { ...body, hash, previousHash };
            previousHash = hash;
            return entry;
        });
}

export function createWorld(startedAt = Date.now()) {
    const minute = 60_000;
    const t = startedAt - 7 * minute;
    const runs = [];
    const commit17 = '4f2a9c1d7be03a55f1c0be1c92d8f0a6e3b7714c';
    const flakyAlert = { alertname: 'TaskFailed', pipeline: 'shop', task: 'test', severity: 'warning' };
    const slowAlert = { alertname: 'ShopLatencyHigh', service: 'shop', route: '/checkout', severity: 'critical' };

    const run17 = makeRun({
        pipeline: 'shop',
        number: 17,
        createdAt: t,
        queue: 0.62,
        commit: commit17,
        commitTitle: 'Charge once, even when the client retries',
        change: 'PR 212',
        id: '8f0c2b7de14a4c0f9a3be5d0c7714e21',
        plan: [
            { name: 'checkout', seconds: 0.42, command: 'git fetch --depth 1 origin main' },
            { name: 'build', seconds: 6.13, command: 'dotnet publish -c Release' },
            {
                name: 'test',
                seconds: 3.08,
                result: 'failure',
                exitCode: 1,
                log: failingTest,
                command: 'dotnet test --no-build',
            },
            {
                name: 'test',
                seconds: 3.31,
                attempt: 2,
                gap: 0.31,
                command: 'dotnet test --no-build',
                attributes: { 'flyball.caused_by.policy': 'rerun-flaky-test' },
            },
            {
                name: 'deploy',
                seconds: 2.74,
                command: './deploy.sh v2',
                attributes: { 'deployment.environment.name': 'demo', 'service.version': 'v2' },
            },
        ],
        alerts: [],
    });
    const rollbackAt = t + 74_000;
    const run18 = makeRun({
        pipeline: 'shop',
        number: 18,
        createdAt: rollbackAt,
        queue: 0.12,
        commit: 'b81e07a24c5d9f3310aa6d7f42ce18b09d5e6f21',
        commitTitle: 'Round prices after the discount',
        actor: 'policy:roll-back-slow-release',
        trigger: 'action',
        plan: [
            {
                name: 'deploy',
                seconds: 2.31,
                command: './deploy.sh v1',
                attributes: { 'deployment.environment.name': 'demo', 'service.version': 'v1' },
            },
        ],
        alerts: [{ state: 'inactive', labels: slowAlert, activeAt: iso(rollbackAt - 11_000) }],
    });
    runs.push(run17, run18);

    const actors = ['ada', 'grace', 'linus', 'renovate[bot]', 'margaret'];
    const branches = ['main', 'main', 'main', 'feature/basket-v2', 'fix/rounding', 'release/2.4'];
    const numbers = { shop: 16, 'payments-api': 203, 'docs-site': 88, 'mobile-nightly': 41 };
    const outcomes = [
        'success',
        'success',
        'success',
        'success',
        'success',
        'success',
        'failure',
        'success',
        'success',
        'cancellation',
        'success',
        'timeout',
        'success',
        'error',
    ];
    const names = Object.keys(pipelines);
    for (let i = 0; i < 140; i++) {
        const pipeline = i % 17 === 5 ? 'mobile-nightly' : names[Math.floor(roll() * 3)];
        const createdAt = t - (i + 1) * between(9, 22) * minute;
        const branch = branches[Math.floor(roll() * branches.length)];
        const outcome = outcomes[Math.floor(roll() * outcomes.length)];
        runs.push(
            makeRun({
                pipeline,
                number: numbers[pipeline]--,
                createdAt,
                queue: between(0.2, 9),
                branch,
                actor: actors[Math.floor(roll() * actors.length)],
                trigger: pipeline === 'mobile-nightly' ? 'schedule' : branch === 'main' ? 'push' : 'pull_request',
                commit: hex(40),
                plan: planOf(pipeline, outcome),
            }),
        );
    }

    const test1End = Date.parse(run17.tasks[2].finishedAt);
    run17.alerts = [{ state: 'inactive', labels: flakyAlert, activeAt: iso(test1End + 12) }];
    const policies = [
        {
            name: 'rerun-flaky-test',
            alerts: ['alertname="TaskFailed"', 'task="test"'],
            condition: 'ci_task_failing{run_id="{{ .Labels.run_id }}"} == 1',
            groupBy: ['pipeline', 'task'],
            action: 'rerun-task',
            cooldownSeconds: 60,
            rateLimit: { count: 3, perSeconds: 3600 },
            concurrency: 1,
            dryRun: false,
            lastDecisionAt: iso(test1End + 31),
        },
        {
            name: 'roll-back-slow-release',
            alerts: ['alertname="ShopLatencyHigh"'],
            condition: 'time() - shop_release_timestamp_seconds < 900',
            action: 'roll-back',
            cooldownSeconds: 300,
            rateLimit: { count: 2, perSeconds: 3600 },
            concurrency: 1,
            dryRun: false,
            lastDecisionAt: iso(rollbackAt - 380),
        },
        {
            name: 'scale-out-on-queue',
            alerts: ['alertname="QueueTimeHigh"'],
            action: 'add-worker',
            cooldownSeconds: 600,
            rateLimit: { count: 5, perSeconds: 86400 },
            concurrency: 1,
            dryRun: true,
            lastDecisionAt: iso(t - 42 * minute),
        },
    ];
    const action = (o) => ({
        id: hex(16),
        executor: 'command',
        ...o,
        durationSeconds: o.finishedAt ? (Date.parse(o.finishedAt) - Date.parse(o.startedAt)) / 1000 : undefined,
        latencySeconds: o.startedAt ? (Date.parse(o.startedAt) - Date.parse(o.causedAt)) / 1000 : undefined,
    });
    const actions = [
        action({
            policy: 'roll-back-slow-release',
            action: 'roll-back',
            what: './deploy.sh v1',
            code: 0,
            status: 'succeeded',
            reason: 'condition holds: released 61 s ago, limit 900 s; 0 of 2 roll-backs used this hour; no roll-back running',
            alert: { alertname: 'ShopLatencyHigh', labels: slowAlert },
            run: run18.id,
            causedAt: iso(rollbackAt - 402),
            decidedAt: iso(rollbackAt - 388),
            startedAt: iso(rollbackAt - 380),
            finishedAt: iso(rollbackAt + 2_690),
            output: 'deploying shop v1\nrelease v1 healthy after 2.3 s\nrolled back: v2 → v1',
        }),
        action({
            policy: 'rerun-flaky-test',
            action: 'rerun-task',
            what: './rerun.sh 17 test',
            code: 0,
            status: 'succeeded',
            reason: 'condition holds: test is flaky (4.1 % of 200 runs failed and then passed on the same commit); 0 of 3 re-runs used this hour',
            alert: { alertname: 'TaskFailed', labels: flakyAlert },
            run: run17.id,
            causedAt: iso(test1End + 8),
            decidedAt: iso(test1End + 21),
            startedAt: iso(test1End + 26),
            finishedAt: iso(test1End + 3_720),
            output: 're-running test of shop #17\nPassed!  - Failed: 0, Passed: 48, Skipped: 0, Total: 48',
        }),
        action({
            policy: 'rerun-flaky-test',
            action: 'rerun-task',
            what: './rerun.sh 202 unit-tests',
            rule: 'cooldown',
            status: 'refused',
            reason: 'cooldown: the last re-run of this task was 24 s ago, the policy waits 60 s',
            alert: { alertname: 'TaskFailed', labels: { ...flakyAlert, pipeline: 'payments-api', task: 'unit-tests' } },
            run: runs[4].id,
            causedAt: iso(t - 31 * minute),
            decidedAt: iso(t - 31 * minute + 9),
        }),
        action({
            policy: 'scale-out-on-queue',
            action: 'add-worker',
            status: 'dry_run',
            executor: 'http',
            reason: 'would call POST http://127.0.0.1:8090/workers; dry_run is on',
            alert: {
                alertname: 'QueueTimeHigh',
                labels: { alertname: 'QueueTimeHigh', pipeline: 'payments-api', severity: 'warning' },
            },
            causedAt: iso(t - 42 * minute),
            decidedAt: iso(t - 42 * minute + 12),
        }),
        action({
            policy: 'rerun-flaky-test',
            action: 'rerun-task',
            what: './rerun.sh 41 test',
            code: 3,
            status: 'failed',
            reason: 'condition holds: test is flaky (3.8 % of 200 runs); 2 of 3 re-runs used this hour',
            alert: { alertname: 'TaskFailed', labels: flakyAlert },
            run: runs[7].id,
            causedAt: iso(t - 96 * minute),
            decidedAt: iso(t - 96 * minute + 11),
            startedAt: iso(t - 96 * minute + 17),
            finishedAt: iso(t - 96 * minute + 812),
            output: 're-running test',
            error: 'command ended with exit code 3 after 0.8 s',
        }),
    ];
    const drafts = actions.flatMap((a) => {
        const verdict = a.status === 'refused' ? 'refused' : a.status === 'dry_run' ? 'dry_run' : 'allowed';
        const list = [
            {
                at: Date.parse(a.decidedAt),
                kind: `action.${verdict}`,
                actor: `policy:${a.policy}`,
                subject: a.id,
                reason: a.reason,
                details: { action: a.action, alert: a.alert.alertname, labels: a.alert.labels },
            },
        ];
        if (a.startedAt)
            list.push({
                at: Date.parse(a.startedAt),
                kind: 'action.started',
                actor: `policy:${a.policy}`,
                subject: a.id,
                reason: `${a.action} by ${a.executor}`,
                details: { executor: a.executor },
            });
        if (a.finishedAt)
            list.push({
                at: Date.parse(a.finishedAt),
                kind: `action.${a.status}`,
                actor: 'system',
                subject: a.id,
                reason: a.error ?? `${a.action} ended after ${a.durationSeconds.toFixed(2)} s`,
                details: { exitCode: a.error ? 3 : 0 },
            });
        return list;
    });
    drafts.push(
        {
            at: t - 180 * minute,
            kind: 'server.started',
            actor: 'system',
            subject: 'flyball',
            reason: 'started with embedded defaults',
            details: { version: '0.1.0' },
        },
        {
            at: t - 179 * minute,
            kind: 'config.loaded',
            actor: 'system',
            subject: 'flyball.yml',
            reason: '2 scrape jobs, 2 rule groups, 3 policies',
            details: {},
        },
    );

    const alerts = [
        {
            labels: { alertname: 'QueueTimeHigh', pipeline: 'payments-api', severity: 'warning' },
            annotations: {
                summary: 'payments-api runs wait 8.4 s for a worker',
                description:
                    'The median queue time of the last 10 minutes is above 5 s. Add a worker or spread the schedule.',
            },
            state: 'firing',
            activeAt: iso(startedAt - 26 * minute),
            value: '8.4e+00',
        },
        {
            labels: { alertname: 'TargetDown', job: 'node', instance: '127.0.0.1:9100', severity: 'critical' },
            annotations: { summary: '127.0.0.1:9100 of job node cannot be scraped' },
            state: 'pending',
            activeAt: iso(startedAt - 40_000),
            value: '0e+00',
        },
    ];
    const rule = (name, query, extra) => ({
        name,
        query,
        labels: extra.labels ?? {},
        health: 'ok',
        evaluationTime: 0.0004 + roll() * 0.001,
        lastEvaluation: iso(startedAt - 4_000),
        ...extra,
    });
    const ruleGroups = [
        {
            name: 'delivery',
            file: 'rules/delivery.yml',
            interval: 15,
            limit: 0,
            evaluationTime: 0.0031,
            lastEvaluation: iso(startedAt - 4_000),
            rules: [
                rule(
                    'TaskFailed',
                    'ci_task_result{result="failure"} unless on (pipeline, task) ci_task_result{result="success"}',
                    {
                        type: 'alerting',
                        state: 'inactive',
                        duration: 0,
                        keepFiringFor: 0,
                        labels: { severity: 'warning' },
                        annotations: { summary: '{{ $labels.task }} of {{ $labels.pipeline }} failed' },
                        alerts: [],
                    },
                ),
                rule('QueueTimeHigh', 'avg by (pipeline) (avg_over_time(ci_run_queue_seconds[10m])) > 5', {
                    type: 'alerting',
                    state: 'firing',
                    duration: 300,
                    keepFiringFor: 0,
                    labels: { severity: 'warning' },
                    annotations: {},
                    alerts: [alerts[0]],
                }),
                rule('pipeline:run_duration_seconds:median', 'quantile by (pipeline) (0.5, ci_run_duration_seconds)', {
                    type: 'recording',
                }),
            ],
        },
        {
            name: 'shop',
            file: 'rules/shop.yml',
            interval: 5,
            limit: 0,
            evaluationTime: 0.0018,
            lastEvaluation: iso(startedAt - 2_000),
            rules: [
                rule(
                    'ShopLatencyHigh',
                    'histogram_quantile(0.9, sum by (le, route) (rate(http_request_duration_seconds_bucket{service="shop"}[30s]))) > 0.25',
                    {
                        type: 'alerting',
                        state: 'inactive',
                        duration: 10,
                        keepFiringFor: 0,
                        labels: { severity: 'critical' },
                        annotations: { summary: '90th percentile of {{ $labels.route }} is {{ $value }} s' },
                        alerts: [],
                    },
                ),
                rule('TargetDown', 'up == 0', {
                    type: 'alerting',
                    state: 'pending',
                    duration: 60,
                    keepFiringFor: 0,
                    labels: { severity: 'critical' },
                    annotations: {},
                    alerts: [alerts[1]],
                }),
                rule('route:requests:rate1m', 'sum by (route) (rate(http_requests_total[1m]))', {
                    type: 'recording',
                    health: 'err',
                    lastError:
                        'rules/shop.yml:14:9: found duplicate series for the match group {route="/checkout"} on the right hand-side of the operation',
                }),
            ],
        },
    ];
    const target = (job, instance, extra = {}) => ({
        discoveredLabels: { __address__: instance, __scheme__: 'http', __metrics_path__: '/metrics', job },
        labels: { job, instance, ...extra.labels },
        scrapePool: job,
        scrapeUrl: `http://${instance}/metrics`,
        globalUrl: `http://${instance}/metrics`,
        lastError: '',
        lastScrape: iso(startedAt - between(500, 4_500)),
        lastScrapeDuration: between(0.002, 0.02),
        health: 'up',
        scrapeInterval: '5s',
        scrapeTimeout: '4s',
        ...extra,
    });
    const targets = [
        target('flyball', '127.0.0.1:9090'),
        target('host', 'host', { scrapeUrl: 'built-in', globalUrl: 'built-in' }),
        target('shop', '127.0.0.1:8081', {
            labels: { job: 'shop', instance: '127.0.0.1:8081', service: 'shop', version: 'v1' },
        }),
        target('shop', '127.0.0.1:8082', {
            labels: { job: 'shop', instance: '127.0.0.1:8082', service: 'shop', version: 'v1' },
        }),
        target('node', '127.0.0.1:9100', {
            health: 'down',
            lastError: 'Get "http://127.0.0.1:9100/metrics": connection refused',
            lastScrapeDuration: 0.0006,
        }),
    ];
    return {
        startedAt,
        marks: {
            slowFrom: rollbackAt - 24_000,
            slowUntil: rollbackAt + 6_000,
            flakyFrom: test1End,
            flakyUntil: test1End + 3_700,
            rollbackAt,
        },
        runs: runs.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)),
        actions,
        policies,
        journal: journalOf(drafts),
        alerts,
        ruleGroups,
        targets,
        resolved: [
            { labels: flakyAlert, from: test1End + 12, until: test1End + 3_700 },
            { labels: slowAlert, from: rollbackAt - 11_000, until: rollbackAt + 9_000 },
        ],
        status: {
            version: '0.1.0',
            startedAt: iso(startedAt - 187 * minute),
            dataDir: '/var/lib/flyball',
            ready: true,
            config: { path: 'flyball.yml', loadedAt: iso(startedAt - 186 * minute), ok: true, error: '' },
            store: { series: 2184, samples: 4_812_330, bytes: 6_402_115 },
            traces: { spans: 20_417, bytes: 901_220 },
            journal: { head: 0 },
            listen: ['http://127.0.0.1:9090'],
        },
    };
}

export { failingTest, iso, hex };

import { describe, expect, test } from 'vitest';
import type { RunDetail, Span, Task } from '../../api/types';
import { buildWaterfall } from './build';
import type { Row } from './rows';
import { allOf, firstProblem, flatten, revealing } from './visible';

const t0 = Date.parse('2026-03-01T12:00:00.000Z');
const at = (ms: number): string => new Date(t0 + ms).toISOString();

function span(
  id: string,
  parent: string | undefined,
  name: string,
  start: number,
  duration: number,
  extra: Partial<Span> = {},
): Span {
  return {
    spanId: id,
    ...(parent && { parentSpanId: parent }),
    name,
    status: 'ok',
    startedAt: at(start),
    startOffsetMs: start - 500,
    durationMs: duration,
    ...extra,
  };
}

function task(name: string, start: number, end: number | undefined, extra: Partial<Task> = {}): Task {
  return {
    id: `${name}-${extra.attempt ?? 1}`,
    name,
    attempt: 1,
    state: end === undefined ? 'executing' : 'finished',
    ...(end !== undefined && { result: 'success', finishedAt: at(end) }),
    createdAt: at(start),
    startedAt: at(start),
    ...extra,
  };
}

function run(parts: Partial<RunDetail>): RunDetail {
  return {
    id: 'a',
    system: 'step',
    pipeline: 'shop',
    number: '17',
    state: 'finished',
    result: 'success',
    createdAt: at(0),
    startedAt: at(500),
    finishedAt: at(10_000),
    tasks: [],
    spans: [],
    ...parts,
  };
}

const names = (rows: Row[]): string[] => rows.map((row) => row.name);

describe('rows', () => {
  test('follow the tree of spans, tasks in front, in order of time', () => {
    const { root } = buildWaterfall(
      run({
        tasks: [task('build', 1_000, 4_000, { spanId: 'b' }), task('checkout', 500, 900, { spanId: 'c' })],
        spans: [
          span('r', undefined, 'run', 500, 9_500),
          span('b', 'r', 'build span', 1_000, 3_000),
          span('x', 'b', 'compile', 1_200, 800),
          span('c', 'r', 'checkout', 500, 400),
        ],
      }),
      t0 + 20_000,
    );
    expect(names(root.children)).toEqual(['checkout', 'build']);
    expect(root.children[1]?.kind).toBe('task');
    expect(names(root.children[1]?.children ?? [])).toEqual(['compile']);
  });

  test('times count from the creation of the run; the wait before the start is its queue', () => {
    const { root, origin, length } = buildWaterfall(run({}), t0 + 99_000);
    expect(origin).toBe(t0);
    expect(root.bars[0]).toMatchObject({ queuedFrom: 0, start: 500, end: 10_000, open: false });
    expect(length).toBe(10_000);
  });

  test('spans are placed by their offset, finer than a millisecond', () => {
    const { root } = buildWaterfall(
      run({
        spans: [
          span('r', undefined, 'run', 500, 9_500),
          { ...span('x', 'r', 'x', 600, 1), startOffsetMs: 100.25, durationMs: 0.5 },
        ],
      }),
      t0,
    );
    expect(root.children[0]?.bars[0]).toMatchObject({ start: 600.25, end: 600.75 });
  });

  test('attempts of one task become one row with a bar each', () => {
    const { root } = buildWaterfall(
      run({
        tasks: [
          task('test', 1_000, 2_000, { attempt: 1, result: 'failure', exitCode: 1, spanId: 't1' }),
          task('test', 3_000, 4_000, { attempt: 2, spanId: 't2' }),
          task('deploy', 5_000, 6_000),
        ],
        spans: [
          span('t2', 'r', 'test', 3_000, 1_000),
          span('t1', 'r', 'test', 1_000, 1_000, { status: 'error' }),
          span('r', undefined, 'run', 500, 9_500),
        ],
      }),
      t0,
    );
    const [group, deploy] = root.children;
    expect(group).toMatchObject({ kind: 'attempts', name: 'test', state: 'success' });
    expect(group?.bars.map((bar) => bar.look?.tone)).toEqual(['bad', 'ok']);
    expect(group?.children.map((child) => [child.attempt, child.state, child.exitCode])).toEqual([
      [1, 'failure', 1],
      [2, 'success', undefined],
    ]);
    expect(deploy?.name).toBe('deploy');
  });

  test('tasks of one name and one attempt, as in a matrix, stay apart', () => {
    const { root } = buildWaterfall(
      run({ tasks: [task('test', 1_000, 2_000, { id: 'linux' }), task('test', 1_000, 2_500, { id: 'windows' })] }),
      t0,
    );
    expect(root.children.map((child) => child.kind)).toEqual(['task', 'task']);
  });

  test('a running task grows until now, a waiting one only queues', () => {
    const { root, length } = buildWaterfall(
      run({
        state: 'executing',
        tasks: [task('build', 1_000, undefined), { id: 'd', name: 'deploy', state: 'pending', createdAt: at(2_000) }],
      }),
      t0 + 5_000,
    );
    expect(root.children[0]?.bars[0]).toMatchObject({ start: 1_000, end: 5_000, open: true, waiting: false });
    expect(root.children[1]?.bars[0]).toMatchObject({ queuedFrom: 2_000, start: 5_000, waiting: true });
    expect(length).toBe(5_000);
  });

  test('children of a running task whose span has not arrived hang under the task', () => {
    const { root } = buildWaterfall(
      run({
        state: 'executing',
        tasks: [task('build', 1_000, undefined, { spanId: 'b' })],
        spans: [span('x', 'b', 'compile', 1_200, 100)],
      }),
      t0 + 5_000,
    );
    expect(names(root.children[0]?.children ?? [])).toEqual(['compile']);
  });

  test('spans of an unknown parent hang under the run; a circle of parents does no harm', () => {
    const { root } = buildWaterfall(
      run({
        spans: [
          span('r', undefined, 'run', 500, 9_500),
          span('o', 'nobody', 'orphan', 700, 10),
          span('a', 'b', 'a', 1, 1),
          span('b', 'a', 'b', 1, 1),
        ],
      }),
      t0,
    );
    expect(names(root.children)).toEqual(['orphan']);
  });

  test('steps of a task show unless spans of the same name do', () => {
    const { root } = buildWaterfall(
      run({
        tasks: [
          task('build', 1_000, 4_000, {
            spanId: 'b',
            steps: [
              { name: 'compile', result: 'success', startedAt: at(1_000), finishedAt: at(2_000) },
              { name: 'pack', result: 'failure', exitCode: 2, startedAt: at(2_000), finishedAt: at(3_000) },
            ],
          }),
        ],
        spans: [span('b', undefined, 'build', 1_000, 3_000), span('x', 'b', 'compile', 1_000, 1_000)],
      }),
      t0,
    );
    const build = root.children[0];
    expect(build?.children.map((child) => [child.name, child.kind, child.exitCode])).toEqual([
      ['compile', 'span', undefined],
      ['pack', 'step', 2],
    ]);
  });

  test('waits are drawn in front of what waited, not as rows', () => {
    const { root } = buildWaterfall(
      run({
        spans: [
          span('r', undefined, 'run', 500, 9_500),
          span('q', 'r', 'queue', 0, 500, { attributes: { 'flyball.queue.of': 'shop' } }),
        ],
      }),
      t0,
    );
    expect(root.children).toEqual([]);
  });

  test('a step and its span are one row, with the exit code of the step', () => {
    const { root } = buildWaterfall(
      run({
        tasks: [
          task('build', 1_000, 4_000, {
            spanId: 'b',
            steps: [
              {
                name: 'pack',
                result: 'failure',
                exitCode: 2,
                spanId: 'p',
                startedAt: at(1_000),
                finishedAt: at(2_000),
              },
            ],
          }),
        ],
        spans: [span('b', undefined, 'build', 1_000, 3_000), span('p', 'b', 'pack', 1_000, 1_000)],
      }),
      t0,
    );
    expect(root.children[0]?.children).toMatchObject([{ id: 'p', kind: 'step', state: 'failure', exitCode: 2 }]);
  });

  test('attempts are counted for people, also where the first is called 0', () => {
    const tasks = [
      task('test', 1_000, 2_000, { attempt: 0, result: 'failure' }),
      task('test', 3_000, 4_000, { attempt: 1 }),
    ];
    expect(buildWaterfall(run({ tasks }), t0).root.children[0]?.children.map((child) => child.title)).toEqual([
      'Attempt 1',
      'Attempt 2',
    ]);
  });

  test('a span that is no task shows the exit code it carries', () => {
    const spans = [
      span('r', undefined, 'run', 500, 9_500),
      span('x', 'r', 'make', 600, 100, { attributes: { 'process.exit.code': '2' } }),
    ];
    expect(buildWaterfall(run({ spans }), t0).root.children[0]?.exitCode).toBe(2);
  });

  test('a run about which nothing is known is a row at now', () => {
    const { root, length } = buildWaterfall(
      { id: 'a', system: 'step', pipeline: 'shop', state: 'pending', tasks: [], spans: [] },
      t0,
    );
    expect(root.bars[0]?.waiting).toBe(true);
    expect(length).toBe(1);
  });
});

describe('what is open', () => {
  const many = (count: number): RunDetail =>
    run({
      tasks: [task('build', 1_000, 4_000, { spanId: 'b' })],
      spans: [
        span('r', undefined, 'run', 500, 9_500),
        span('b', 'r', 'build', 1_000, 3_000),
        ...Array.from({ length: count }, (_, i) => span(`s${i}`, 'b', `part ${i}`, 1_000 + i, 1)),
      ],
    });

  test('a small trace starts open, a big one with its tasks closed', () => {
    expect(flatten(buildWaterfall(many(5), t0), new Set())).toHaveLength(7);
    expect(flatten(buildWaterfall(many(200), t0), new Set())).toHaveLength(2);
  });

  test('a toggled row is the other way round', () => {
    expect(flatten(buildWaterfall(many(5), t0), new Set(['b']))).toHaveLength(2);
    expect(flatten(buildWaterfall(many(200), t0), new Set(['b']))).toHaveLength(202);
  });

  test('of very many children the first are shown, and all on demand', () => {
    const waterfall = buildWaterfall(many(1_000), t0);
    expect(
      flatten(waterfall, new Set(['b']))
        .at(-1)
        ?.more.map(({ count }) => count),
    ).toEqual([700]);
    expect(flatten(waterfall, new Set(['b', allOf(waterfall.root.children[0]!)]))).toHaveLength(1_002);
  });

  test('a row someone linked to is in sight from the start', () => {
    const waterfall = buildWaterfall(many(1_000), t0);
    const rows = flatten(waterfall, revealing(waterfall, 's900'));
    expect(rows.some(({ row }) => row.id === 's900')).toBe(true);
    expect(revealing(waterfall, 'nobody').size).toBe(0);
  });

  test('depth counts from the run', () => {
    expect(flatten(buildWaterfall(many(1), t0), new Set()).map(({ depth }) => depth)).toEqual([0, 1, 2]);
  });
});

describe('the first problem', () => {
  test('is the last attempt of the task that failed', () => {
    const failed = (attempt: number, start: number): Task =>
      task('test', start, start + 500, { attempt, result: 'failure', spanId: `t${attempt}` });
    expect(
      firstProblem(buildWaterfall(run({ result: 'failure', tasks: [failed(1, 1_000), failed(2, 2_000)] }), t0)),
    ).toBe('t2');
  });

  test('is the run itself when it has no tasks', () => {
    expect(firstProblem(buildWaterfall(run({ result: 'failure' }), t0))).toBe('run');
  });

  test('is none when a later attempt made it good', () => {
    const tasks = [
      task('test', 1_000, 1_500, { attempt: 1, result: 'failure' }),
      task('test', 2_000, 2_500, { attempt: 2 }),
    ];
    expect(firstProblem(buildWaterfall(run({ tasks }), t0))).toBeUndefined();
  });
});

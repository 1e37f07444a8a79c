/** Durations and moments as the console shows them. All pure; "now" is handed in. */

/** Seconds in at most two units: 18 ms, 4.1 s, 2 m 05 s, 3 h 12 m, 2 d 4 h. A dash where there is no number. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 0.001) return `${trim(seconds * 1e6, 0)} µs`;
  if (seconds < 0.9995) return `${trim(seconds * 1000, seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} m`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** A ticking duration: whole seconds only, so that it does not flicker. */
export function formatTicking(seconds: number): string {
  return seconds < 59.5 ? `${Math.floor(Math.max(0, seconds))} s` : formatDuration(Math.floor(seconds));
}

/** A configured period, without parts that are nothing: 5 m, 1 h 30 m, 90 s stays 1 m 30 s. */
export function formatPeriod(seconds: number | undefined): string {
  if (seconds === undefined || seconds < 1) return formatDuration(seconds);
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.join(' ');
}

/** How long ago: now, 12 s ago, 4 m ago, 3 h ago, 2 d ago; "in 5 s" for what is to come. */
export function formatAgo(time: string | undefined, nowMs: number): string {
  const at = parseTime(time);
  if (at === undefined) return '–';
  const seconds = (nowMs - at) / 1000;
  if (seconds <= -1) return `in ${coarse(-seconds)}`;
  return seconds < 1 ? 'now' : `${coarse(seconds)} ago`;
}

function coarse(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Milliseconds since the epoch; undefined for nothing, rubbish, and Go's zero time. */
export function parseTime(time: string | undefined): number | undefined {
  if (!time || time.startsWith('0001-')) return undefined;
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : at;
}

/** Local wall clock, with milliseconds where order within a second matters. */
export function formatClock(time: string | number | undefined, millis = false): string {
  const at = typeof time === 'number' ? time : parseTime(time);
  if (at === undefined) return '–';
  const d = new Date(at);
  const clock = `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
  return millis ? `${clock}.${String(d.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** Local date and clock, sortable: 2026-03-01 14:02:11. */
export function formatMoment(time: string | number | undefined, millis = false): string {
  const at = typeof time === 'number' ? time : parseTime(time);
  if (at === undefined) return '–';
  const d = new Date(at);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())} ${formatClock(at, millis)}`;
}

/** An offset on the waterfall's axis; digits follow the distance between ticks. */
export function formatOffset(ms: number, stepMs: number): string {
  if (Math.abs(ms) < 1e-9) return '0';
  if (stepMs < 1) return `${trim(ms, 2)} ms`;
  if (stepMs < 1000 && Math.abs(ms) < 1000) return `${trim(ms, 0)} ms`;
  if (stepMs < 60_000 && Math.abs(ms) < 60_000) return `${trim(ms / 1000, stepMs < 100 ? 2 : stepMs < 1000 ? 1 : 0)} s`;
  const sign = ms < 0 ? '−' : '';
  const whole = Math.abs(ms) / 1000;
  if (whole < 3600)
    return `${sign}${Math.floor(whole / 60)}:${stepMs < 1000 ? (whole % 60).toFixed(1).padStart(4, '0') : pad(Math.round(whole % 60))}`;
  return `${sign}${Math.floor(whole / 3600)}:${pad(Math.floor((whole % 3600) / 60))}:${pad(Math.round(whole % 60))}`;
}

/** A Prometheus duration ("5m", "1h30m", "90") in seconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^(\d+(ms|[smhdwy]))+$/.test(trimmed)) return undefined;
  const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
  return [...trimmed.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? 's'] ?? 0),
    0,
  );
}

/** Seconds as Prometheus writes durations: 90 → 1m30s. */
export function formatPromDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  let rest = Math.round(seconds);
  let text = '';
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}

const pad = (n: number): string => String(n).padStart(2, '0');
const trim = (n: number, digits: number): string => String(Number(n.toFixed(digits)));

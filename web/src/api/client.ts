/** A request the server, or the way to it, refused. `message` is what to tell a person. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly kind: string = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** GET for Flyball's own API: the body is the answer. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal: signal ?? null });
  const body = await readBody(response);
  if (!response.ok) throw refusal(response, body);
  return body as T;
}

interface Envelope {
  status?: string;
  data?: unknown;
  error?: string;
  errorType?: string;
  warnings?: string[];
  infos?: string[];
}

/** GET, or POST when there are parameters a URL may be too short for, in Prometheus' envelope. */
export async function getProm<T>(
  path: string,
  form?: Record<string, string>,
  signal?: AbortSignal,
): Promise<{ data: T; warnings: string[]; infos: string[] }> {
  const init: RequestInit = form ? { method: 'POST', body: new URLSearchParams(form) } : {};
  const response = await send(path, { ...init, signal: signal ?? null });
  const body = (await readBody(response)) as Envelope;
  if (!response.ok || body.status !== 'success') throw refusal(response, body);
  return { data: body.data as T, warnings: body.warnings ?? [], infos: body.infos ?? [] };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, headers: { accept: 'application/json' } });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('the server does not answer; is flyball still running?', 0, 'network');
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(
      `${new URL(response.url).pathname} answered ${response.status} with something that is not JSON`,
      response.status,
    );
  }
}

function refusal(response: Response, body: unknown): ApiError {
  const { error, errorType } = (body ?? {}) as Envelope;
  return new ApiError(
    error ?? `${new URL(response.url).pathname} answered ${response.status}`,
    response.status,
    errorType ?? '',
  );
}

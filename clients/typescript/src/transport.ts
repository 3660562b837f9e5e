// How a call is made: the key, one idempotency key for all tries of a write, patience, and errors one can decide by.

import { AethelError, failure } from "./errors.js";

export interface Settings {
  /** Where the server is; AETHEL_URL when not given. */
  baseUrl?: string;
  /** An API key; AETHEL_KEY when not given. */
  key?: string;
  /** How often a call is tried again after a fault that another try may not meet. */
  retries?: number;
  /** How long one try may take. */
  timeoutMs?: number;
  /** In place of the platform's own. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  /** Of a write; made when not given, and the same for all its tries. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** One event of a stream. */
export interface ServerEvent {
  id: string;
  event: string;
  data: unknown;
}

interface Request {
  query?: Record<string, unknown>;
  body?: unknown;
  idempotent?: boolean;
  text?: boolean;
}

const RETRIES = 3;
const TIMEOUT_MS = 65_000;
const FIRST_WAIT_MS = 200;
/** Nobody waits longer than this between two tries, whatever the server asks. */
const LONGEST_WAIT_MS = 30_000;

const environment = (name: string): string | undefined =>
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[name];

export class Transport {
  readonly baseUrl: string;
  readonly #key: string;
  readonly #retries: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(settings: Settings = {}) {
    this.baseUrl = (settings.baseUrl ?? environment("AETHEL_URL") ?? "http://127.0.0.1:3000").replace(/\/+$/, "");
    this.#key = settings.key ?? environment("AETHEL_KEY") ?? "";
    this.#retries = settings.retries ?? RETRIES;
    this.#timeoutMs = settings.timeoutMs ?? TIMEOUT_MS;
    this.#fetch = settings.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /** Whether the key moves no real money. */
  get isTestMode(): boolean {
    return this.#key.startsWith("aethel_test_");
  }

  /** Makes one call and gives what it answered. Throws an {@link AethelError}. */
  protected async call<T>(method: string, path: string, request: Request, options: CallOptions): Promise<T> {
    const headers = this.#headers(request, options);
    for (let tries = 0; ; tries += 1) {
      const outcome = await this.#once(method, path, request, headers, options, (answer) => answer.text());
      if (!(outcome instanceof AethelError)) {
        return (request.text ? outcome : outcome === "" ? undefined : JSON.parse(outcome)) as T;
      }
      if (tries >= this.#retries || !outcome.isWorthAnotherTry || options.signal?.aborted) throw outcome;
      await pause(waitMs(outcome, tries), options.signal);
    }
  }

  /** Follows a stream of events, and takes it up again where it broke off. */
  protected async *events(path: string, request: Request, options: CallOptions): AsyncGenerator<ServerEvent> {
    let last = "";
    for (let tries = 0; ; tries += 1) {
      const headers: Record<string, string> = { ...this.#headers(request, options), accept: "text/event-stream" };
      if (last !== "") headers["last-event-id"] = last;
      const outcome = await this.#once("GET", path, request, headers, { ...options, timeoutMs: 0 }, (answer) => answer);
      if (outcome instanceof AethelError) {
        if (tries >= this.#retries || !outcome.isWorthAnotherTry) throw outcome;
        await pause(waitMs(outcome, tries), options.signal);
        continue;
      }
      try {
        for await (const event of eventsOf(outcome)) {
          tries = 0;
          last = event.id || last;
          yield event;
        }
      } catch (error) {
        if (options.signal?.aborted) return;
        if (error instanceof SyntaxError) throw error;
      }
      if (options.signal?.aborted) return;
      await pause(FIRST_WAIT_MS, options.signal);
    }
  }

  #headers(request: Request, options: CallOptions): Record<string, string> {
    const headers: Record<string, string> = { accept: request.text ? "*/*" : "application/json" };
    if (this.#key !== "") headers.authorization = `Bearer ${this.#key}`;
    if (request.body !== undefined) headers["content-type"] = typeof request.body === "string" ? "text/csv" : "application/json";
    if (request.idempotent) headers["idempotency-key"] = options.idempotencyKey ?? crypto.randomUUID();
    return headers;
  }

  /** One try: what is read of an answer of success, or the error. An answer that breaks off is none. */
  async #once<T>(
    method: string,
    path: string,
    request: Request,
    headers: Record<string, string>,
    options: CallOptions,
    read: (answer: Response) => T | Promise<T>,
  ): Promise<T | AethelError> {
    const limit = options.timeoutMs ?? this.#timeoutMs;
    const signals = [options.signal, limit > 0 ? AbortSignal.timeout(limit) : undefined].filter((signal) => signal !== undefined);
    const body = typeof request.body === "string" || request.body === undefined ? request.body : JSON.stringify(request.body);
    try {
      const answer = await this.#fetch(this.baseUrl + path + queryText(request.query), { method, headers, body, signal: AbortSignal.any(signals) });
      return answer.ok ? await read(answer) : failure(answer.status, answer.headers, await answer.text());
    } catch (error) {
      if (options.signal?.aborted) throw error;
      return failure(0, new Headers(), error instanceof Error ? error.message : String(error));
    }
  }
}

function queryText(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

function waitMs(error: AethelError, tries: number): number {
  // Full jitter: callers that failed together do not come back together.
  const wait = error.retryAfterSeconds === undefined ? Math.random() * FIRST_WAIT_MS * 2 ** tries * 2 : error.retryAfterSeconds * 1000;
  return Math.min(wait, LONGEST_WAIT_MS);
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/** Reads a body of `text/event-stream`. */
async function* eventsOf(answer: Response): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true }).replaceAll("\r\n", "\n");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = eventOf(text.slice(0, end));
      text = text.slice(end + 2);
      if (event) yield event;
    }
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const event = { id: "", event: "message" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value = ""] = line.match(/^(\w+): ?(.*)$/) ?? [];
    if (field === "data") data.push(value);
    else if (field === "id" || field === "event") event[field] = value;
  }
  return data.length === 0 ? undefined : { ...event, data: JSON.parse(data.join("\n")) };
}


// What can go wrong, as types one can catch. `code` is the server's stable word; a program decides by it.

/** An RFC 9457 problem, as the server writes it. */
export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  request_id?: string | null;
  field?: string | null;
  [more: string]: unknown;
}

const WORTH_ANOTHER_TRY = new Set([0, 408, 425, 429, 500, 502, 503, 504]);
/** The first try is still being worked on: a later one gets its answer. */
const IN_PROGRESS = "request_in_progress";

/** A call that did not succeed. */
export class AethelError extends Error {
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The server's stable word for what was wrong. */
  readonly code: string;
  /** Quote it when asking for help. */
  readonly requestId: string | undefined;
  /** The field that was refused. */
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** The whole answer: some refusals say more, such as where to pay. */
  readonly problem: ProblemDetails;

  constructor(status: number, problem: ProblemDetails, retryAfterSeconds?: number) {
    super(problem.detail ?? (problem.message as string | undefined) ?? problem.title ?? `the server answered ${status}`);
    this.name = new.target.name;
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.requestId = problem.request_id ?? undefined;
    this.field = problem.field ?? undefined;
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = problem;
  }

  /** Whether the same call, with the same idempotency key, may succeed later. */
  get isWorthAnotherTry(): boolean {
    return WORTH_ANOTHER_TRY.has(this.status) || (this.status === 409 && this.code === IN_PROGRESS);
  }
}

/** No answer came: whether the call took effect is not known, and its idempotency key finds out. */
export class ConnectionError extends AethelError {}
/** The key is missing, malformed, unknown, expired or revoked. */
export class AuthenticationError extends AethelError {}
/** The key may not do this. */
export class PermissionError extends AethelError {}
/** Not there, or not yours. */
export class NotFoundError extends AethelError {}
/** Too few credits, a budget that is used up, or money that must be paid first. */
export class PaymentRequiredError extends AethelError {}
/** Too few credits. */
export class InsufficientCreditsError extends PaymentRequiredError {}
/** It contradicts what already is: most often an idempotency key that was sent with another request. */
export class ConflictError extends AethelError {}
/** The request cannot be read, or says something it may not say. */
export class InvalidRequestError extends AethelError {}
/** Too many calls; `retryAfterSeconds` says when to come back. */
export class RateLimitError extends AethelError {}
/** Nothing is wrong with the request: the server cannot answer now. */
export class UnavailableError extends AethelError {}

/** The error for an answer. */
export function failure(status: number, headers: Headers, text: string): AethelError {
  const problem = problemOf(text, status);
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return new (kindOf(status, problem.code))(status, problem, Number.isFinite(seconds) ? seconds : undefined);
}

function problemOf(text: string, status: number): ProblemDetails {
  if (status === 0) return { code: "no_answer", detail: `no answer came: ${text}` };
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as ProblemDetails;
  } catch {
    // Something between us and the server answered in its own words.
  }
  return { status, code: "unknown", detail: text.slice(0, 200) || `the server answered ${status}` };
}

function kindOf(status: number, code: string | undefined): typeof AethelError {
  switch (status) {
    case 0: return ConnectionError;
    case 400: case 413: case 415: case 422: return InvalidRequestError;
    case 401: return AuthenticationError;
    case 402: return code === "insufficient_credits" ? InsufficientCreditsError : PaymentRequiredError;
    case 403: return PermissionError;
    case 404: return NotFoundError;
    case 409: return ConflictError;
    case 429: return RateLimitError;
    default: return status >= 500 ? UnavailableError : AethelError;
  }
}

// Calls of the API, typed by its document. Signing in is kept in cookies that no script can read; this file keeps
// them fresh and turns refusals into one kind of error.
import createClient from "openapi-fetch";
import { fetchWithSession } from "./refresh";
import type { paths } from "./schema";

export const api = createClient<paths>({
  baseUrl: "/",
  fetch: fetchWithSession,
  headers: { "X-Requested-With": "fetch" },
});

export interface FieldError {
  field?: string | null;
  code: string;
  message: string;
}

/** A refusal of the server, or `status` 0 where it was not reached. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** Trying the same again may help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface Refused {
  code?: string;
  message?: string;
  errors?: FieldError[];
}

export function refusal(response: Response, body: unknown): ApiError {
  const refused = (typeof body === "object" && body !== null ? body : {}) as Refused;
  const wait = Number(response.headers.get("retry-after"));
  return new ApiError(
    response.status,
    refused.code ?? "unknown",
    refused.message ?? response.statusText,
    refused.errors ?? [],
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

type Enveloped<T> = { data: T };

/** What stands in the envelope of an answer; throws {@link ApiError}. */
export async function unwrap<T>(
  call: Promise<{ data?: Enveloped<T>; error?: unknown; response: Response }>,
): Promise<T> {
  let answer: { data?: Enveloped<T>; error?: unknown; response: Response };
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server cannot be reached.");
  }
  if (answer.data === undefined) throw refusal(answer.response, answer.error);
  return answer.data.data;
}

/** As {@link unwrap}, where the document has several forms and the call says which one is meant. */
export function unwrapAs<T>(
  call: Promise<{ data?: Enveloped<unknown>; error?: unknown; response: Response }>,
): Promise<T> {
  return unwrap(call) as Promise<T>;
}

export interface Slice<T> {
  items: T[];
  nextCursor?: string | null;
}

/** A list that was asked for with `cursor`: the document says that it may have other forms too. */
export async function unwrapSlice<T>(
  call: Promise<{ data?: Enveloped<unknown>; error?: unknown; response: Response }>,
): Promise<Slice<T>> {
  const data = await unwrap(call);
  if (typeof data === "object" && data !== null && "items" in data) return data as Slice<T>;
  throw new ApiError(0, "unexpected", "The server answered in another form than asked for.");
}

/** Sends a form with files, which the document describes as such and not as JSON. */
export async function sendForm<T>(
  method: "POST" | "PATCH" | "PUT",
  path: string,
  form: FormData,
): Promise<T> {
  const headers = { "X-Requested-With": "fetch" };
  const call = async () => {
    const response = await fetchWithSession(new Request(path, { method, body: form, headers }));
    const body: unknown = await response.json().catch(() => null);
    return response.ok ? { data: body as Enveloped<T>, response } : { error: body, response };
  };
  return unwrap<T>(call());
}

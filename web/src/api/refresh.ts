// Keeps the cookies of a session fresh. The access cookie lives ten minutes; on public pages a stale one counts as
// not signed in and nothing is refused, so it is renewed before it ends, and once more where a call says 401.
// One renewal at a time, across all tabs: the refresh token can be used once, and using an old one ends the session.

const FRESH_MS = 8 * 60_000;
const KEY = "streamsphere-session";
const REFRESH = "/api/v1/users/refresh-token";
/** Calls whose 401 says something else than that the session is stale. */
const NOT_OURS = [REFRESH, "/api/v1/users/login"];

interface Kept {
  /** When the cookies were renewed last; no secret. */
  renewedAt: number;
}

function kept(): Kept | null {
  try {
    const text = localStorage.getItem(KEY);
    const value: unknown = text === null ? null : JSON.parse(text);
    if (typeof value === "object" && value !== null && "renewedAt" in value) {
      return { renewedAt: Number(value.renewedAt) };
    }
  } catch {
    // Without storage, tabs renew each for itself.
  }
  return null;
}

/** Notes that the cookies are new, as after signing in. */
export function noteRenewed(now = Date.now()): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ renewedAt: now }));
  } catch {
    memory = { renewedAt: now };
  }
}

/** Notes that nobody is signed in. */
export function noteEnded(): void {
  memory = null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
  for (const tell of ended) tell();
}

let memory: Kept | null = null;
const ended = new Set<() => void>();

/** Calls `tell` when the session turns out to be over. */
export function onEnded(tell: () => void): () => void {
  ended.add(tell);
  return () => ended.delete(tell);
}

/** Whether somebody was signed in on this browser when it was last known. */
export function mayBeSignedIn(): boolean {
  return (kept() ?? memory) !== null;
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request("streamsphere-refresh", work);
}

let running: Promise<boolean> | null = null;

/** Renews unless somebody else did after `staleSince`. Whether the session goes on. */
function renew(staleSince: number): Promise<boolean> {
  running ??= alone(async () => {
    const known = kept() ?? memory;
    if (known === null) return false;
    if (known.renewedAt > staleSince) return true;
    const response = await fetch(REFRESH, {
      method: "POST",
      headers: { "X-Requested-With": "fetch", "Content-Type": "application/json" },
      body: "{}",
    });
    if (response.ok) {
      noteRenewed();
      return true;
    }
    // Only a clear refusal ends the session; a server that is busy does not.
    if (response.status === 401 || response.status === 403) {
      noteEnded();
      return false;
    }
    return true;
  })
    .catch(() => true)
    .finally(() => {
      running = null;
    });
  return running;
}

/** Makes sure that the cookies last for what comes now. */
export async function keepFresh(): Promise<void> {
  const known = kept() ?? memory;
  if (known !== null && Date.now() - known.renewedAt > FRESH_MS) await renew(known.renewedAt);
}

const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE"]);
const PAUSES_MS = [300, 1200];

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends what may be sent twice again when the connection was lost on the way. */
async function send(request: Request): Promise<Response> {
  if (!IDEMPOTENT.has(request.method)) return fetch(request);
  for (const wait of PAUSES_MS) {
    try {
      return await fetch(request.clone());
    } catch (error) {
      if (request.signal.aborted || !navigator.onLine) throw error;
      await pause(wait);
    }
  }
  return fetch(request);
}

/** `fetch` with a session that is kept fresh. */
export async function fetchWithSession(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (NOT_OURS.includes(path)) return send(request);
  await keepFresh();
  const began = Date.now();
  const again = request.clone();
  const response = await send(request);
  // A refused call was not carried out, so it can be sent again whatever it is.
  if (response.status === 401 && mayBeSignedIn() && (await renew(began))) return send(again);
  return response;
}

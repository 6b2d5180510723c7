// What the server says of itself in the head of the page.
export interface Instance {
  registration: "open" | "approval" | "closed";
  requireSignIn: boolean;
  maxUploadBytes: number;
  /** Whether uploaded files are kept where their owner says nothing. */
  keepOriginals: boolean;
  publicUrl: string;
}

function read(): Instance {
  const fallback: Instance = {
    registration: "open",
    requireSignIn: false,
    maxUploadBytes: Number.POSITIVE_INFINITY,
    keepOriginals: true,
    publicUrl: location.origin,
  };
  const text = document.querySelector<HTMLMetaElement>('meta[name="streamsphere"]')?.content;
  if (!text) return fallback;
  try {
    return { ...fallback, ...(JSON.parse(text) as Partial<Instance>) };
  } catch {
    return fallback;
  }
}

export const instance = read();

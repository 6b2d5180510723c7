import { queryOptions } from "@tanstack/react-query";
import { fetchWithSession } from "@/api/refresh";

/** An upload that was begun on this browser and is not done. */
export interface Left {
  key: string;
  name: string;
  size: number;
  sent: number;
  begun: string;
  address: string;
}

const HEADERS = { "Tus-Resumable": "1.0.0", "X-Requested-With": "fetch" };
/** More are not looked at; the oldest end by themselves after a day. */
const MOST = 20;

export const unfinishedQuery = queryOptions({
  queryKey: ["unfinished"],
  queryFn: async (): Promise<Left[]> => {
    const { defaultOptions } = await import("tus-js-client");
    const all = (await defaultOptions.urlStorage?.findAllUploads()) ?? [];
    const looked = await Promise.all(
      all.slice(0, MOST).map(async (one): Promise<Left | null> => {
        const name = one.metadata.filename;
        if (!one.uploadUrl || !one.size || !name) return null;
        const sent = await offset(one.uploadUrl);
        if (sent === "gone" || sent === one.size) {
          await defaultOptions.urlStorage?.removeUpload(one.urlStorageKey);
          return null;
        }
        return {
          key: one.urlStorageKey,
          name,
          size: one.size,
          sent,
          begun: new Date(one.creationTime).toISOString(),
          address: one.uploadUrl,
        };
      }),
    );
    return looked.filter((one) => one !== null);
  },
  staleTime: 0,
});

/** How many bytes the server has. */
async function offset(address: string): Promise<number | "gone"> {
  const response = await fetchWithSession(new Request(address, { method: "HEAD", headers: HEADERS }));
  if (response.status === 404 || response.status === 410) return "gone";
  if (!response.ok) throw new Error("The server could not be asked for an upload.");
  return Number(response.headers.get("upload-offset") ?? 0);
}

/** Removes what arrived of it. */
export async function giveUpUnfinished({ key, address }: Left): Promise<void> {
  const { defaultOptions } = await import("tus-js-client");
  await fetchWithSession(new Request(address, { method: "DELETE", headers: HEADERS })).catch(() => null);
  await defaultOptions.urlStorage?.removeUpload(key);
}

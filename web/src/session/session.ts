// Who is signed in, and the ways in and out.
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError, api, unwrap } from "@/api/client";
import { mayBeSignedIn, noteEnded, noteRenewed, onEnded } from "@/api/refresh";
import type { User } from "@/api/types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (): Promise<User | null> => {
    // Nobody was signed in here: nothing to ask, and the first page is there sooner.
    if (!mayBeSignedIn()) return null;
    try {
      return await unwrap(api.GET("/api/v1/users/current-user"));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        noteEnded();
        return null;
      }
      throw error;
    }
  },
  staleTime: 60_000,
});

/** Who is signed in: the user, `null` for nobody, `undefined` while that is not known yet. */
export function useMe(): User | null | undefined {
  const { data, isError } = useQuery(meQuery);
  return isError ? null : data;
}

/** Forgets what was shown to somebody else. */
function useForget(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.cancelQueries();
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    await queries.invalidateQueries({ queryKey: ["me"] });
  };
}

export function useSignIn() {
  const forget = useForget();
  return useMutation({
    meta: { silent: true },
    mutationFn: async (form: { name: string; password: string }) => {
      const by = form.name.includes("@") ? { email: form.name } : { username: form.name };
      const signedIn = await unwrap(
        api.POST("/api/v1/users/login", { body: { ...by, password: form.password } }),
      );
      // The tokens in the answer are for clients without cookies; they are not kept.
      return signedIn.user;
    },
    onSuccess: async () => {
      noteRenewed();
      await forget();
    },
  });
}

export function useSignOut() {
  const forget = useForget();
  return useMutation({
    // Whoever reads "signed out" must be: where the server could not be asked, they still are not, and are told so.
    mutationFn: async () => {
      try {
        await unwrap(api.POST("/api/v1/users/logout"));
      } catch (error) {
        // The session had ended before.
        if (!(error instanceof ApiError && error.status === 401)) throw error;
      }
    },
    onSuccess: async () => {
      noteEnded();
      await forget();
    },
  });
}

/** Follows what other tabs do, and sessions that end elsewhere. Once, at the top. */
export function useSessionUpkeep(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const look = async () => {
      const before = queries.getQueryData(meQuery.queryKey)?._id;
      await queries.invalidateQueries({ queryKey: meQuery.queryKey });
      const after = queries.getQueryData(meQuery.queryKey)?._id;
      // Nothing of what one person saw is shown to another.
      if (before !== after) await queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
    };
    const storage = (event: StorageEvent) => {
      const cameOrWent = (event.oldValue === null) !== (event.newValue === null);
      if (event.key === "streamsphere-session" && cameOrWent) void look();
    };
    const off = onEnded(() => void look());
    window.addEventListener("storage", storage);
    return () => {
      off();
      window.removeEventListener("storage", storage);
    };
  }, [queries]);
}

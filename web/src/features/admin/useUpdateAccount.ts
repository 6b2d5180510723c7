import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Slice, unwrap } from "@/api/client";
import { toast } from "@/ui/toasts";
import type { Account } from "./queries";

interface Change {
  id: string;
  role?: string;
  password?: string;
  disabled?: boolean;
  quota?: number | null;
}

/** Changes accounts, in the lists that show them too. */
export function useUpdateAccount({ silent = false } = {}) {
  const queries = useQueryClient();
  return useMutation({
    meta: { silent },
    mutationFn: ({ id, ...body }: Change) =>
      unwrap(api.PATCH("/api/v1/admin/users/{userId}", { params: { path: { userId: id } }, body })),
    onSuccess: (account) => {
      queries.setQueriesData<InfiniteData<Slice<Account>>>(
        { queryKey: ["admin", "users"] },
        (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.map((one) => (one._id === account._id ? account : one)),
            })),
          },
      );
      void queries.invalidateQueries({ queryKey: ["admin", "registrations"] });
      void queries.invalidateQueries({ queryKey: ["admin", "audit"] });
    },
  });
}

/** Suspends somebody, or lets them back in; either can be taken back. */
export function useSuspend() {
  const { t } = useTranslation(["admin", "common"]);
  const update = useUpdateAccount();
  const run = (id: string, name: string, disabled: boolean, isUndone = false) =>
    update.mutate(
      { id, disabled },
      {
        onSuccess: () =>
          toast({
            text: t(disabled ? "users.wasSuspended" : "users.wasRestored", { name }),
            tone: "good",
            ...(!isUndone && {
              action: { label: t("common:undo"), run: () => run(id, name, !disabled, true) },
            }),
          }),
      },
    );
  return { run, isPending: update.isPending };
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "@/ui/toasts";
import { setBlock } from "./queries";

interface Person {
  _id: string;
  fullName: string;
}

/** Blocks somebody, or hears from them again: at once, with a way back. */
export function useBlock() {
  const { t } = useTranslation(["moderation", "common"]);
  const queries = useQueryClient();
  const block = useMutation({
    mutationFn: ({ person, to }: { person: Person; to: boolean }) => setBlock(person._id, to),
    onSuccess: (_, { person, to }) => {
      void queries.invalidateQueries({ queryKey: ["blocks"] });
      toast({
        text: t(to ? "block.done" : "block.undone", { name: person.fullName }),
        action: { label: t("common:undo"), run: () => block.mutate({ person, to: !to }) },
      });
    },
  });
  return (person: Person, to: boolean) => block.mutate({ person, to });
}

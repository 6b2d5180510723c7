import { Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Flag, Pencil, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Tweet } from "@/api/types";
import { openDialog } from "@/app/dialogs";
import { BlockItem } from "@/features/moderation/BlockItem";
import { useMe } from "@/session/session";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import { removeLater } from "@/ui/removals";

/** What can be done with a tweet, loaded when its menu is opened. */
export default function TweetEntries({ tweet, onEdit }: { tweet: Tweet; onEdit: () => void }) {
  const { t } = useTranslation(["moderation", "watch"]);
  const me = useMe();
  const queries = useQueryClient();
  const needsSignIn = useNeedsSignIn();
  const isOwn = me?._id === tweet.owner._id;
  const remove = () =>
    removeLater({
      ids: [tweet._id],
      text: t("tweet.removed"),
      send: async () => {
        const options = { params: { path: { tweetId: tweet._id } }, keepalive: true };
        await unwrap(api.DELETE("/api/v1/tweets/{tweetId}", options));
        for (const name of ["tweets", "feed", "search"]) void queries.invalidateQueries({ queryKey: [name] });
      },
    });
  return (
    <>
      {isOwn && (
        <Menu.Item leftSection={<Pencil size={18} />} onClick={onEdit}>
          {t("tweet.edit")}
        </Menu.Item>
      )}
      {(isOwn || me?.role === "admin") && (
        <Menu.Item color="red" leftSection={<Trash2 size={18} />} onClick={remove}>
          {t("tweet.remove")}
        </Menu.Item>
      )}
      {!isOwn && (
        <>
          <Menu.Item
            leftSection={<Flag size={18} />}
            onClick={() => needsSignIn() || openDialog({ kind: "report", what: "tweet", id: tweet._id })}
          >
            {t("watch:report.open")}
          </Menu.Item>
          <BlockItem person={tweet.owner} />
        </>
      )}
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { ListVideo } from "lucide-react";
import { useTranslation } from "react-i18next";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { Page } from "@/ui/Page";
import { CardsSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { PlaylistCards } from "./PlaylistCard";
import { ownPlaylistsQuery } from "./save";

function List() {
  const { t } = useTranslation("library");
  const me = useMe();
  const { data, error, refetch, isPending } = useQuery(ownPlaylistsQuery(me?._id));
  return (
    <Page title={t("playlists.title")}>
      {isPending && <CardsSkeleton rows={1} />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && (
        <EmptyState icon={ListVideo} title={t("playlists.empty.title")} text={t("playlists.empty.text")} />
      )}
      {data && <PlaylistCards playlists={data} />}
    </Page>
  );
}

export default function PlaylistsPage() {
  return (
    <RequireSignIn>
      <List />
    </RequireSignIn>
  );
}

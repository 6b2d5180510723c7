import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ListVideo, Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { Page } from "@/ui/Page";
import { CardsSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { PlaylistCards } from "./PlaylistCard";
import { ownPlaylistsQuery } from "./save";

const PlaylistDialog = lazy(() => import("./PlaylistDialog"));

function List() {
  const { t } = useTranslation("library");
  const me = useMe();
  const navigate = useNavigate();
  const [isNew, setIsNew] = useState(false);
  const { data, error, refetch, isPending } = useQuery(ownPlaylistsQuery(me?._id));
  return (
    <Page
      title={t("playlists.title")}
      actions={
        <Button leftSection={<Plus size={18} />} onClick={() => setIsNew(true)}>
          {t("save.new")}
        </Button>
      }
    >
      {isNew && (
        <Suspense>
          <PlaylistDialog
            onClose={() => setIsNew(false)}
            onDone={(playlist) => void navigate(`/playlist/${playlist}`)}
          />
        </Suspense>
      )}
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

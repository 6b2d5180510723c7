import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import type { Video } from "@/api/types";
import NotFoundPage from "@/app/NotFoundPage";
import { videoQuery } from "@/features/watch/queries";
import { isNotFound } from "@/lib/errors";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";

type Shown = (video: Video) => ReactNode;

function Found({ children }: { children: Shown }) {
  const { id = "" } = useParams();
  const me = useMe();
  const { data, error, refetch } = useQuery(videoQuery(id));
  // Others' videos have no such page.
  if (isNotFound(error) || (data && data.owner._id !== me?._id)) return <NotFoundPage />;
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data ? children(data) : <ListSkeleton count={5} />;
}

/** The video that the address names, for its owner alone. */
export function OwnVideo({ children }: { children: Shown }) {
  return (
    <RequireSignIn>
      <Found>{children}</Found>
    </RequireSignIn>
  );
}

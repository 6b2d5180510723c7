// Subtitles of one's own video in one language: written beside the video, or brought as a file and mended.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import NotFoundPage from "@/app/NotFoundPage";
import { playbackQuery, videoQuery } from "@/features/watch/queries";
import { isNotFound } from "@/lib/errors";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { ListSkeleton } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { Editor } from "./Editor";
import { isTag, nameOf } from "./languages";
import { trackQuery } from "./queries";

function Found() {
  const { id = "", lang = "" } = useParams();
  const { i18n } = useTranslation();
  const me = useMe();
  const language = lang.toLowerCase();
  const video = useQuery(videoQuery(id));
  const track = useQuery({
    ...trackQuery(video.data ?? { _id: id, captions: [] }, language),
    enabled: video.data !== undefined,
  });
  const playback = useQuery({ ...playbackQuery(id), staleTime: Number.POSITIVE_INFINITY });
  if (!isTag(lang) || isNotFound(video.error) || (video.data && video.data.owner._id !== me?._id))
    return <NotFoundPage />;
  const error = video.error ?? track.error;
  if (error) return <ErrorState error={error} onRetry={() => void (video.error ? video : track).refetch()} />;
  if (!video.data || track.data === undefined || playback.isPending) return <ListSkeleton count={6} />;
  return (
    <Editor
      key={`${id} ${language}`}
      video={video.data}
      playback={playback.data}
      language={language}
      name={nameOf(lang, i18n.language)}
      saved={track.data}
    />
  );
}

export default function CaptionsPage() {
  return (
    <RequireSignIn>
      <Found />
    </RequireSignIn>
  );
}

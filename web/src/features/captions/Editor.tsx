import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Download, Redo2, Save, Undo2, Upload } from "lucide-react";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Playback, Video } from "@/api/types";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/toasts";
import classes from "./Captions.module.css";
import { CueList } from "./CueList";
import { EMPTY, edit } from "./edits";
import { ownName } from "./languages";
import { Preview, type PreviewHandle } from "./Preview";
import { draft, saveTrack, trackQuery } from "./queries";
import { useShortcuts } from "./shortcuts";
import { parseCues, writeCues } from "./vtt";

const DRAFT_MS = 800;
const MOST_FILE_BYTES = 2 * 1024 * 1024;

interface Props {
  video: Video;
  playback: Playback | undefined;
  language: string;
  name: string;
  /** As the server has them. */
  saved: string;
}

export function Editor({ video, playback, language, name, saved }: Props) {
  const { t } = useTranslation(["captions", "common"]);
  const queries = useQueryClient();
  const preview = useRef<PreviewHandle>(null);
  const file = useRef<HTMLInputElement>(null);
  const [time, setTime] = useState(0);
  const [state, dispatch] = useReducer(edit, EMPTY, (empty) => {
    const kept = draft.read(video._id, language);
    return edit(empty, { do: "open", cues: parseCues(kept ?? saved) });
  });
  const text = writeCues(state.cues);
  const [written, setWritten] = useState(() => writeCues(parseCues(saved)));
  const isChanged = text !== written;
  const seek = useCallback((to: number) => preview.current?.seek(to), []);
  useKeptDraft(video._id, language, text, isChanged);
  useShortcuts({ state, dispatch, preview });

  const wasFound = useRef(isChanged);
  useEffect(() => {
    if (!wasFound.current) return;
    wasFound.current = false;
    toast({
      text: t("draft"),
      action: { label: t("discard"), run: () => dispatch({ do: "open", cues: parseCues(saved) }) },
    });
  }, [t, saved]);

  const save = useMutation({
    meta: { silent: true },
    mutationFn: () => saveTrack(video._id, language, ownName(language), text),
    onSuccess: () => {
      setWritten(text);
      draft.drop(video._id, language);
      queries.setQueryData(trackQuery(video, language).queryKey, text);
      void queries.invalidateQueries({ queryKey: ["video", video._id] });
      toast({ text: t("saved"), tone: "good" });
    },
    onError: (error) => toast({ text: error.message, tone: "bad" }),
  });
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    const cues = chosen.size > MOST_FILE_BYTES ? [] : parseCues(await chosen.text());
    if (cues.length === 0) toast({ text: t("notRead", { name: chosen.name }), tone: "bad" });
    else dispatch({ do: "open", cues });
  };
  const download = () => {
    const address = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${video.title}.${language}.vtt`;
    link.click();
    URL.revokeObjectURL(address);
  };

  return (
    <Page
      title={t("title", { language: name })}
      about={video.title}
      actions={
        <>
          <Button
            component={Link}
            to={`/studio/videos/${video._id}`}
            variant="default"
            leftSection={<ArrowLeft size={16} />}
          >
            {t("back")}
          </Button>
          <Button
            leftSection={<Save size={16} />}
            loading={save.isPending}
            disabled={!isChanged || state.cues.length === 0}
            onClick={() => save.mutate()}
          >
            {isChanged ? t("common:save") : t("isSaved")}
          </Button>
        </>
      }
    >
      <div className={classes.editor}>
        <div className={classes.side}>
          <Preview ref={preview} video={video} playback={playback} cues={state.cues} onTime={setTime} />
          <div className={classes.tools}>
            <Button
              size="compact-md"
              variant="default"
              leftSection={<Undo2 size={16} />}
              disabled={state.past.length === 0}
              onClick={() => dispatch({ do: "undo" })}
            >
              {t("undo")}
            </Button>
            <Button
              size="compact-md"
              variant="default"
              leftSection={<Redo2 size={16} />}
              disabled={state.future.length === 0}
              onClick={() => dispatch({ do: "redo" })}
            >
              {t("redo")}
            </Button>
            <Button
              size="compact-md"
              variant="default"
              leftSection={<Upload size={16} />}
              onClick={() => file.current?.click()}
            >
              {t("import")}
            </Button>
            <Button
              size="compact-md"
              variant="default"
              leftSection={<Download size={16} />}
              disabled={state.cues.length === 0}
              onClick={download}
            >
              {t("download")}
            </Button>
          </div>
          <details className={classes.help}>
            <summary>{t("keys.title")}</summary>
            <dl>
              {(["play", "back", "start", "end", "previous", "next", "add", "undo"] as const).map((one) => (
                <div key={one}>
                  <dt>
                    <kbd>{t(`keys.${one}.key`)}</kbd>
                  </dt>
                  <dd>{t(`keys.${one}.does`)}</dd>
                </div>
              ))}
            </dl>
          </details>
          <input
            ref={file}
            type="file"
            accept=".vtt,.srt,text/vtt"
            hidden
            aria-label={t("import")}
            onChange={(event) => {
              void take(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }}
          />
        </div>
        <CueList state={state} dispatch={dispatch} time={time} duration={video.duration} onSeek={seek} />
      </div>
    </Page>
  );
}

/** Keeps what is not saved on this browser, and warns who is about to leave. */
function useKeptDraft(video: string, language: string, text: string, isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) {
      draft.drop(video, language);
      return;
    }
    const timer = setTimeout(() => draft.keep(video, language, text), DRAFT_MS);
    const warn = (event: BeforeUnloadEvent) => {
      draft.keep(video, language, text);
      event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      clearTimeout(timer);
      draft.keep(video, language, text);
      window.removeEventListener("beforeunload", warn);
    };
  }, [video, language, text, isChanged]);
}

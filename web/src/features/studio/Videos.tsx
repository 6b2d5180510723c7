// All of one's own videos, what is not public too: a table on a desk, cards on a phone. Words, order and choice stand
// in the address. Several are changed at once.
import { Checkbox } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { SearchX, Video as VideoIcon } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSelection } from "@/lib/selection";
import { useMe } from "@/session/session";
import { Endless } from "@/ui/Endless";
import { useNotRemoved } from "@/ui/removals";
import { RowsSkeleton } from "@/ui/Skeletons";
import { BulkBar } from "./table/BulkBar";
import { BulkStatus } from "./table/BulkStatus";
import { AddDialog, RemoveDialog } from "./table/Dialogs";
import { Head, HeadRow } from "./table/Parts";
import { isPlain, isShown, type StudioVideo, studioVideosQuery, watchTimesQuery } from "./table/queries";
import { Row } from "./table/Row";
import classes from "./table/Table.module.css";
import { Tools } from "./table/Tools";
import { useBulk } from "./table/useBulk";
import { useLive } from "./table/useLive";
import { useView } from "./table/view";

const keyOf = (video: StudioVideo) => video._id;

type Asked = { kind: "add" | "remove"; videos: readonly StudioVideo[] } | null;

export function Videos() {
  const { t } = useTranslation("studio");
  const me = useMe();
  const [view, setView] = useView();
  const list = useInfiniteQuery(studioVideosQuery(me?._id ?? "", view));
  const { data: times } = useQuery({ ...watchTimesQuery, enabled: !isPlain(view) });
  const isThere = useNotRemoved<StudioVideo>();
  const { show } = view;
  const filter = useCallback((video: StudioVideo) => isThere(video) && isShown(video, show), [isThere, show]);
  const videos = useMemo(
    () => (list.data?.pages.flatMap((page) => page.items) ?? []).filter(filter),
    [list.data, filter],
  );
  const selection = useSelection(useMemo(() => videos.map(keyOf), [videos]));
  const chosen = videos.filter((one) => selection.ids.has(one._id));
  const [asked, setAsked] = useState<Asked>(null);
  const bulk = useBulk();
  useLive();

  const head = (
    <HeadRow>
      <Head view={view} onSort={setView}>
        <Checkbox
          aria-label={t("table.selectAll")}
          checked={chosen.length > 0 && chosen.length === videos.length}
          indeterminate={chosen.length > 0 && chosen.length < videos.length}
          onChange={() => (chosen.length > 0 ? selection.clear() : selection.set(videos.map(keyOf)))}
        />
      </Head>
      <Head by="title" view={view} onSort={setView}>
        {t("table.video")}
      </Head>
      <Head view={view} onSort={setView}>
        {t("table.visibility")}
      </Head>
      <Head by="createdAt" view={view} onSort={setView}>
        {t("table.date")}
      </Head>
      <Head by="views" isNumber view={view} onSort={setView}>
        {t("videos.views")}
      </Head>
      <Head isNumber view={view} onSort={setView}>
        {t("table.watchTime")}
      </Head>
      <Head by="likesCount" isNumber view={view} onSort={setView}>
        {t("videos.likes")}
      </Head>
      <Head isNumber view={view} onSort={setView}>
        {t("videos.comments")}
      </Head>
      <Head view={view} onSort={setView}>
        <span className="unseen">{t("table.menu")}</span>
      </Head>
    </HeadRow>
  );
  const isNarrowed = view.words !== "" || show !== "all";

  return (
    <div className={classes.table}>
      <Tools view={view} onView={setView} />
      <BulkStatus />
      {chosen.length > 0 && (
        <BulkBar
          count={chosen.length}
          onVisibility={(to) => void bulk.visibility(chosen, to)}
          onAdd={() => setAsked({ kind: "add", videos: chosen })}
          onRemove={() => setAsked({ kind: "remove", videos: chosen })}
          onClear={selection.clear}
        />
      )}
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={84}
        filter={filter}
        table={{ label: t("tabs.videos"), head }}
        skeleton={<RowsSkeleton count={6} />}
        empty={
          isNarrowed
            ? { icon: SearchX, title: t("table.noneFound"), text: t("table.noneFoundText") }
            : {
                icon: VideoIcon,
                title: t("videos.none"),
                action: (
                  <Link className="link" to="/upload">
                    {t("videos.upload")}
                  </Link>
                ),
              }
        }
      >
        {(video) => (
          <Row
            video={video}
            watchTime={video.watchTime ?? times?.[video._id]}
            isOn={selection.ids.has(video._id)}
            onTick={(isRange) => selection.toggle(video._id, isRange)}
            onRemove={() => setAsked({ kind: "remove", videos: [video] })}
          />
        )}
      </Endless>
      {asked?.kind === "remove" && (
        <RemoveDialog
          videos={asked.videos}
          onClose={() => setAsked(null)}
          onRemove={() => {
            bulk.remove(asked.videos);
            selection.clear();
          }}
        />
      )}
      {asked?.kind === "add" && (
        <AddDialog
          count={asked.videos.length}
          onClose={() => setAsked(null)}
          onAdd={(to) => {
            void bulk.addAll(asked.videos, to);
            selection.clear();
          }}
        />
      )}
    </div>
  );
}

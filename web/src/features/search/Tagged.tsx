// All videos that carry a tag: where the tags of a video lead to. Tag and order are in the address.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Hash } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Video } from "@/api/types";
import { videosQuery } from "@/features/home/lists";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { VideoRow } from "@/ui/VideoCard";
import { TAG_SORTS, type TagSort } from "./filter";

const ROW = 214;
const keyOf = (video: Video) => video._id;

interface Props {
  tag: string;
  sort: TagSort;
  onSort: (sort: TagSort) => void;
}

export function Tagged({ tag, sort, onSort }: Props) {
  const { t } = useTranslation("search");
  const list = useInfiniteQuery(videosQuery({ tag, sortBy: sort, sortType: "desc" }));
  // The tag is a word that may stand elsewhere too: in titles, descriptions, subtitles.
  const everywhere = (
    <Link className="link" to={`/search?q=${encodeURIComponent(tag)}`}>
      {t("tag.everywhere", { tag })}
    </Link>
  );
  return (
    <Page title={`#${tag}`} about={everywhere} width="text">
      <Choices
        label={t("order")}
        value={sort}
        options={TAG_SORTS.map((value) => ({ value, label: t(`sorts.${value}`) }))}
        onChange={onSort}
      />
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={ROW}
        skeleton={<RowsSkeleton count={6} />}
        empty={{ icon: Hash, title: t("tag.empty.title", { tag }), text: t("tag.empty.text") }}
      >
        {(video, index) => <VideoRow video={video} isFirst={index < 3} text={video.description} />}
      </Endless>
    </Page>
  );
}

import { Bell, Clapperboard, Clock, History, ListVideo, Settings, ThumbsUp, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { Page } from "@/ui/Page";
import classes from "./LibraryPage.module.css";

/** What is one's own, for phones where there is no column at the side. */
function Places() {
  const { t } = useTranslation();
  const me = useMe();
  const places = [
    ["/history", History, t("nav.history")],
    ["/playlist/watch-later", Clock, t("nav.later")],
    ["/liked", ThumbsUp, t("nav.liked")],
    ["/playlists", ListVideo, t("nav.playlists")],
    ["/following", Users, t("nav.channels")],
    ["/notifications", Bell, t("bell.title")],
    ["/studio", Clapperboard, t("nav.studio")],
    ["/account", Settings, t("menu.account")],
  ] as const;
  return (
    <Page title={t("nav.you")} width="text" isTitleUnseen>
      {me && (
        <Link to={`/@${me.username}`} className={classes.who}>
          <Avatar of={me} size={64} />
          <span>
            <strong>{me.fullName}</strong>
            <span className="soft">@{me.username}</span>
          </span>
        </Link>
      )}
      <ul className={classes.places}>
        {places.map(([to, Icon, label]) => (
          <li key={to}>
            <Link to={to}>
              <Icon size={20} aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}

export default function LibraryPage() {
  return (
    <RequireSignIn>
      <Places />
    </RequireSignIn>
  );
}

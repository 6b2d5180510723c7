// Ways through the app: a column at the side that folds to icons, laid over the page on small screens and while
// watching; on a phone five tabs at the bottom.
import {
  Clapperboard,
  Clock,
  Flame,
  History,
  House,
  ListVideo,
  type LucideIcon,
  MonitorPlay,
  Plus,
  Shield,
  ThumbsUp,
  User,
} from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import { useFollowed } from "@/features/library/followed";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import classes from "./Navigation.module.css";

interface Place {
  to: string;
  label:
    | "home"
    | "trending"
    | "subscriptions"
    | "history"
    | "later"
    | "liked"
    | "playlists"
    | "studio"
    | "admin";
  icon: LucideIcon;
  /** Also shown when the column is folded. */
  isMain?: boolean;
}

const EVERYONE: Place[] = [
  { to: "/", label: "home", icon: House, isMain: true },
  { to: "/trending", label: "trending", icon: Flame, isMain: true },
];
const OWN: Place[] = [
  { to: "/subscriptions", label: "subscriptions", icon: MonitorPlay, isMain: true },
  { to: "/history", label: "history", icon: History, isMain: true },
  { to: "/playlist/watch-later", label: "later", icon: Clock },
  { to: "/liked", label: "liked", icon: ThumbsUp },
  { to: "/playlists", label: "playlists", icon: ListVideo },
];
const STUDIO: Place = { to: "/studio", label: "studio", icon: Clapperboard };
const ADMIN: Place = { to: "/admin", label: "admin", icon: Shield };

function Item({ place }: { place: Place }) {
  const { t } = useTranslation();
  const Icon = place.icon;
  return (
    <li data-main={place.isMain || undefined}>
      <NavLink to={place.to} end={place.to === "/"} className={classes.item}>
        <Icon size={20} aria-hidden />
        <span>{t(`nav.${place.label}`)}</span>
      </NavLink>
    </li>
  );
}

export function Navigation({ isOver, onClose }: { isOver: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const followed = useFollowed();
  const panel = useRef<HTMLElement>(null);

  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  // Over the page it is a layer of its own: the focus goes in, stays in, and goes back where it was.
  useEffect(() => {
    const element = panel.current;
    if (!isOver || !element) return;
    const before = document.activeElement;
    const links = () => [...element.querySelectorAll("a")];
    links()[0]?.focus();
    const keys = (event: KeyboardEvent) => {
      if (event.key === "Escape") close.current();
      if (event.key !== "Tab") return;
      const all = links();
      const [edge, other] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
      if (document.activeElement !== edge && element.contains(document.activeElement)) return;
      event.preventDefault();
      other?.focus();
    };
    window.addEventListener("keydown", keys);
    return () => {
      window.removeEventListener("keydown", keys);
      // Whoever went somewhere is there by now.
      if (element.contains(document.activeElement) && before instanceof HTMLElement) before.focus();
    };
  }, [isOver]);

  const moderates = me?.role === "admin" || me?.role === "moderator";
  return (
    <>
      {isOver && (
        <button
          type="button"
          className={classes.shade}
          onClick={onClose}
          aria-label={t("close")}
          tabIndex={-1}
        />
      )}
      <nav ref={panel} className={classes.side} data-over={isOver || undefined} aria-label={t("nav.main")}>
        <ul>
          {EVERYONE.map((place) => (
            <Item key={place.to} place={place} />
          ))}
        </ul>
        {me && (
          <ul>
            {OWN.map((place) => (
              <Item key={place.to} place={place} />
            ))}
          </ul>
        )}
        {me && (
          <ul>
            <Item place={STUDIO} />
            {moderates && <Item place={ADMIN} />}
          </ul>
        )}
        {followed.length > 0 && (
          <div className={classes.channels}>
            <h2 className={classes.heading}>{t("nav.channels")}</h2>
            <ul>
              {followed.map(({ channel }) => (
                <li key={channel._id}>
                  <NavLink to={`/@${channel.username}`} className={classes.item}>
                    <Avatar of={channel} size={24} />
                    <span>{channel.fullName}</span>
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        )}
      </nav>
    </>
  );
}

/** The tabs of a phone. */
export function Tabs() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <nav className={classes.tabs} aria-label={t("nav.tabs")}>
      <NavLink to="/" end>
        <House size={22} aria-hidden />
        <span>{t("nav.home")}</span>
      </NavLink>
      <NavLink to="/trending">
        <Flame size={22} aria-hidden />
        <span>{t("nav.trending")}</span>
      </NavLink>
      <Link to={me ? "/upload" : "/sign-in?to=%2Fupload"} className={classes.add}>
        <Plus size={24} aria-hidden />
        <span className="unseen">{t("nav.upload")}</span>
      </Link>
      <NavLink to={me ? "/subscriptions" : "/sign-in?to=%2Fsubscriptions"}>
        <MonitorPlay size={22} aria-hidden />
        <span>{t("nav.subscriptions")}</span>
      </NavLink>
      {me ? (
        <NavLink to="/library">
          <User size={22} aria-hidden />
          <span>{t("nav.you")}</span>
        </NavLink>
      ) : (
        <NavLink to="/sign-in">
          <User size={22} aria-hidden />
          <span>{t("signIn")}</span>
        </NavLink>
      )}
    </nav>
  );
}

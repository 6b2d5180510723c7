// The frame around every page: header, navigation, and the messages that concern the whole app.
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useEventUpkeep } from "@/events/useEvents";
import { arrived } from "@/features/watch/origin";
import { useSessionUpkeep } from "@/session/session";
import { Dialogs } from "./Dialogs";
import { Header } from "./Header";
import { Navigation, Tabs } from "./Navigation";
import { Offline } from "./Offline";
import classes from "./Shell.module.css";
import { useHelpKey } from "./useHelpKey";

export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const navigation = useNavigation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const [isWide, setIsWide] = useState(() => localStorage.getItem("streamsphere-side") !== "narrow");
  const [isOver, setIsOver] = useState(false);
  const isWatching = pathname.startsWith("/watch/");
  useSessionUpkeep();
  useEventUpkeep();
  useHelpKey();

  useEffect(() => {
    arrived(pathname);
    setIsOver(false);
    // Whoever reads by ear is told of the new page; the first one the browser tells by itself.
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [pathname]);

  const toggle = () => {
    if (isWatching || window.innerWidth < 1100) setIsOver(!isOver);
    else {
      localStorage.setItem("streamsphere-side", isWide ? "narrow" : "wide");
      setIsWide(!isWide);
    }
  };

  return (
    <div className={classes.shell} data-side={isWatching ? "none" : isWide ? "wide" : "narrow"}>
      <a className={classes.skip} href="#main">
        {t("skip")}
      </a>
      {navigation.state === "loading" && (
        <div className={classes.progress} role="progressbar" aria-label={t("loading")} />
      )}
      <Header onToggle={toggle} />
      <Navigation isOver={isOver} onClose={() => setIsOver(false)} />
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <Offline />
        <Outlet />
      </main>
      <Tabs />
      <Dialogs />
      <ScrollRestoration />
    </div>
  );
}

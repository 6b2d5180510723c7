// Looking after the site, in parts; which one is in the address.
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useParams } from "react-router";
import NotFoundPage from "@/app/NotFoundPage";
import { RequireSignIn } from "@/session/RequireSignIn";
import { useMe } from "@/session/session";
import { Page } from "@/ui/Page";
import classes from "./AdminPage.module.css";
import { Audit } from "./Audit";
import { Jobs } from "./Jobs";
import { Overview } from "./Overview";
import { Reports } from "./Reports";
import { Settings } from "./Settings";
import { Storage } from "./Storage";
import { Users } from "./Users";

const TABS = {
  overview: Overview,
  users: Users,
  reports: Reports,
  jobs: Jobs,
  storage: Storage,
  settings: Settings,
  audit: Audit,
};
type Tab = keyof typeof TABS;

/** What moderators may see; the rest does not exist for them, as the routes below it. */
const MODERATORS: Tab[] = ["reports"];

/** The first tab has the address without a name. */
const address = (tab: Tab, first: Tab | undefined) => (tab === first ? "/admin" : `/admin/${tab}`);

function Parts() {
  const { t } = useTranslation("admin");
  const me = useMe();
  const isAdmin = me?.role === "admin";
  const tabs = isAdmin ? (Object.keys(TABS) as Tab[]) : MODERATORS;
  const [first] = tabs;
  const { tab = first } = useParams();
  const shown = tabs.find((one) => one === tab);
  const row = useRef<HTMLElement>(null);
  // On a phone the tabs are wider than the page; the present one is brought into sight without moving the page.
  useEffect(() => {
    const at = shown && row.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (at && row.current) row.current.scrollLeft = at.offsetLeft - row.current.clientWidth / 3;
  }, [shown]);
  if ((!isAdmin && me?.role !== "moderator") || !shown) return <NotFoundPage />;
  const Content = TABS[shown];
  return (
    <Page title={t("title")}>
      <div className={classes.page} data-alone={tabs.length === 1 || undefined}>
        {tabs.length > 1 && (
          <nav ref={row} className={classes.tabs} aria-label={t("parts")}>
            {tabs.map((name) => (
              <NavLink key={name} to={address(name, first)} end>
                {t(`tabs.${name}`)}
              </NavLink>
            ))}
          </nav>
        )}
        <section className={classes.content} aria-labelledby="part">
          <h2 id="part" className="unseen">
            {t(`tabs.${shown}`)}
          </h2>
          <Content />
        </section>
      </div>
    </Page>
  );
}

/** For moderators and admins; for others it does not exist. */
export default function AdminPage() {
  return (
    <RequireSignIn>
      <Parts />
    </RequireSignIn>
  );
}

// One's account, in parts; which one is in the address.
import { useTranslation } from "react-i18next";
import { NavLink, useParams } from "react-router";
import NotFoundPage from "@/app/NotFoundPage";
import { Blocks } from "@/features/moderation/Blocks";
import WebhooksTab from "@/features/webhooks/WebhooksTab";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Page } from "@/ui/Page";
import { useCurrentInSight } from "@/ui/useCurrentInSight";
import classes from "./AccountPage.module.css";
import { Data } from "./Data";
import { Preferences } from "./Preferences";
import { Profile } from "./Profile";
import { Security } from "./Security";
import { Storage } from "./Storage";

const TABS = {
  profile: Profile,
  security: Security,
  notifications: Preferences,
  blocks: Blocks,
  webhooks: WebhooksTab,
  storage: Storage,
  data: Data,
};
type Tab = keyof typeof TABS;

function Parts({ tab }: { tab: Tab }) {
  const { t } = useTranslation("account");
  const Content = TABS[tab];
  return (
    <Page title={t("title")} width="text">
      <div className={classes.page}>
        <nav ref={useCurrentInSight()} className={classes.tabs} aria-label={t("parts")}>
          {(Object.keys(TABS) as Tab[]).map((name) => (
            <NavLink key={name} to={name === "profile" ? "/account" : `/account/${name}`} end>
              {t(`tabs.${name}`)}
            </NavLink>
          ))}
        </nav>
        <div className={classes.content}>
          <Content />
        </div>
      </div>
    </Page>
  );
}

export default function AccountPage() {
  const { tab = "profile" } = useParams();
  if (!(tab in TABS)) return <NotFoundPage />;
  return (
    <RequireSignIn>
      <Parts tab={tab as Tab} />
    </RequireSignIn>
  );
}

// The studio: one's own videos now; the dashboard and the comments to look at come beside them. The part is in the
// address.
import { Button } from "@mantine/core";
import { Construction, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useParams } from "react-router";
import NotFoundPage from "@/app/NotFoundPage";
import { ModerationTab } from "@/features/moderation/ModerationTab";
import { Subscribers } from "@/features/moderation/Subscribers";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { useCurrentInSight } from "@/ui/useCurrentInSight";
import classes from "./StudioPage.module.css";
import { Videos } from "./Videos";

function Later() {
  const { t } = useTranslation();
  return <EmptyState icon={Construction} title={t("later.title")} text={t("later.text")} />;
}

const TABS = { videos: Videos, dashboard: Later, comments: ModerationTab, subscribers: Subscribers };
type Tab = keyof typeof TABS;

function Parts({ tab }: { tab: Tab }) {
  const { t } = useTranslation(["studio", "common"]);
  const Content = TABS[tab];
  return (
    <Page
      title={t("title")}
      actions={
        <Button component={Link} to="/upload" leftSection={<Plus size={18} />}>
          {t("common:nav.upload")}
        </Button>
      }
    >
      <nav ref={useCurrentInSight()} className={classes.tabs} aria-label={t("parts")}>
        {(Object.keys(TABS) as Tab[]).map((name) => (
          <NavLink key={name} to={name === "videos" ? "/studio" : `/studio/${name}`} end>
            {t(`tabs.${name}`)}
          </NavLink>
        ))}
      </nav>
      <Content />
    </Page>
  );
}

export default function StudioPage() {
  const { tab = "videos" } = useParams();
  if (!(tab in TABS)) return <NotFoundPage />;
  return (
    <RequireSignIn>
      <Parts tab={tab as Tab} />
    </RequireSignIn>
  );
}

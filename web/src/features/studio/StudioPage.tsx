// The studio: how the channel is doing, one's own videos, and the comments to look at. The part is in the address.
import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, useParams } from "react-router";
import NotFoundPage from "@/app/NotFoundPage";
import { ModerationTab } from "@/features/moderation/ModerationTab";
import { Subscribers } from "@/features/moderation/Subscribers";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Page } from "@/ui/Page";
import { ListSkeleton } from "@/ui/Skeletons";
import { useCurrentInSight } from "@/ui/useCurrentInSight";
import classes from "./StudioPage.module.css";
import { Videos } from "./Videos";

const Dashboard = lazy(() => import("@/features/dashboard/Dashboard"));

const TABS = { dashboard: Dashboard, videos: Videos, comments: ModerationTab, subscribers: Subscribers };
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
          <NavLink key={name} to={name === "dashboard" ? "/studio" : `/studio/${name}`} end>
            {t(`tabs.${name}`)}
          </NavLink>
        ))}
      </nav>
      <Suspense fallback={<ListSkeleton count={5} />}>
        <Content />
      </Suspense>
    </Page>
  );
}

export default function StudioPage() {
  const { tab = "dashboard" } = useParams();
  if (!(tab in TABS)) return <NotFoundPage />;
  return (
    <RequireSignIn>
      <Parts tab={tab as Tab} />
    </RequireSignIn>
  );
}

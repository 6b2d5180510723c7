import { ActionIcon, Button } from "@mantine/core";
import { ArrowLeft, Menu as MenuIcon, Plus, Search } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { useMe } from "@/session/session";
import { AccountMenu } from "./AccountMenu";
import { Bell } from "./Bell";
import classes from "./Header.module.css";
import { Logo } from "./Logo";
import { SearchBox } from "./SearchBox";

const UploadBadge = lazy(() => import("@/features/upload/Badge"));

export function Header({ onToggle }: { onToggle: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const { pathname, search } = useLocation();
  // On a phone the search takes the whole header.
  const [isSearching, setIsSearching] = useState(false);
  const back = pathname === "/sign-in" ? search : `?to=${encodeURIComponent(pathname + search)}`;

  return (
    <header className={classes.header} data-searching={isSearching || undefined}>
      <div className={classes.start}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          radius="xl"
          className={classes.burger}
          onClick={onToggle}
          aria-label={t("nav.toggle")}
        >
          <MenuIcon size={20} />
        </ActionIcon>
        <Link to="/" className={classes.logo}>
          <Logo />
        </Link>
      </div>
      <div className={classes.search}>
        {isSearching && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            radius="xl"
            onClick={() => setIsSearching(false)}
            aria-label={t("back")}
          >
            <ArrowLeft size={20} />
          </ActionIcon>
        )}
        <SearchBox isFocused={isSearching} onDone={() => setIsSearching(false)} />
      </div>
      <div className={classes.end}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          radius="xl"
          className={classes.lens}
          onClick={() => setIsSearching(true)}
          aria-label={t("search.open")}
        >
          <Search size={20} />
        </ActionIcon>
        {me && (
          <>
            <ActionIcon
              component={Link}
              to="/upload"
              variant="subtle"
              color="gray"
              size="lg"
              radius="xl"
              className={classes.upload}
              title={t("nav.upload")}
              aria-label={t("nav.upload")}
            >
              <Plus size={22} />
            </ActionIcon>

            <Suspense>
              <UploadBadge />
            </Suspense>
            <Bell />
          </>
        )}
        <AccountMenu />
        {me === null && (
          <Button component={Link} to={`/sign-in${back}`} size="sm" className={classes.signIn}>
            {t("signIn")}
          </Button>
        )}
      </div>
    </header>
  );
}

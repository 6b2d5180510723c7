import { TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Search, UserCheck, Users as UsersIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useDebounced } from "@/lib/useDebounced";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import classes from "./AdminPage.module.css";
import { type Account, registrationsQuery, usersQuery } from "./queries";
import { Registration } from "./Registration";
import { UserRow } from "./UserRow";

const keyOf = (account: Account) => account._id;
const SETTLE_MS = 250;

function All({ query }: { query: string }) {
  const { t } = useTranslation("admin");
  const list = useInfiniteQuery(usersQuery(query));
  return (
    <Endless
      list={list}
      keyOf={keyOf}
      estimate={78}
      skeleton={<ListSkeleton count={6} />}
      empty={{ icon: UsersIcon, title: t("users.none"), text: t("users.noneText") }}
    >
      {(account) => <UserRow account={account} />}
    </Endless>
  );
}

function Waiting() {
  const { t } = useTranslation("admin");
  const list = useInfiniteQuery(registrationsQuery);
  return (
    <Endless
      list={list}
      keyOf={keyOf}
      estimate={78}
      skeleton={<ListSkeleton count={3} />}
      empty={{ icon: UserCheck, title: t("users.noneWaiting") }}
    >
      {(account) => <Registration account={account} />}
    </Endless>
  );
}

/** Accounts, and those that wait to be let in; what is looked for stands in the address. */
export function Users() {
  const { t } = useTranslation("admin");
  const [parameters, setParameters] = useSearchParams();
  const show = parameters.get("show") === "waiting" ? "waiting" : "all";
  const asked = parameters.get("q") ?? "";
  const [typed, setTyped] = useState(asked);
  const settled = useDebounced(typed.trim().toLowerCase(), SETTLE_MS);
  useEffect(() => {
    if (show === "all" && settled !== asked) setParameters(settled ? { q: settled } : {}, { replace: true });
  }, [show, settled, asked, setParameters]);
  return (
    <>
      <div className={classes.filters}>
        <Choices
          label={t("users.show")}
          value={show}
          options={(["all", "waiting"] as const).map((value) => ({ value, label: t(`users.${value}`) }))}
          onChange={(to) => setParameters(to === "waiting" ? { show: to } : {})}
        />
        {show === "all" && (
          <TextInput
            className={classes.find ?? ""}
            type="search"
            label={t("users.search")}
            leftSection={<Search size={16} aria-hidden />}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={30}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </div>
      {show === "waiting" ? <Waiting /> : <All query={asked} />}
    </>
  );
}

import { Menu } from "@mantine/core";
import { Ban, CircleUser, HardDrive, ShieldCheck, UserCheck } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import { useMe } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import { MoreMenu } from "@/ui/LazyMenu";
import classes from "./AdminPage.module.css";
import type { Account } from "./queries";
import { ROLES } from "./roles";
import { useSuspend } from "./useUpdateAccount";

const RoleDialog = lazy(() => import("./RoleDialog"));
const QuotaDialog = lazy(() => import("./QuotaDialog"));

function Facts({ account }: { account: Account }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const used = format.bytes(account.usedBytes);
  const { quota } = account;
  return (
    <p className={classes.facts}>
      <span>{account.email}</span>
      <span>{t("users.videos", { count: account.videosCount })}</span>
      <span>
        {quota === 0
          ? t("users.unbounded", { used })
          : quota
            ? t("users.storedOf", { used, of: format.bytes(quota) })
            : t("users.stored", { used })}
      </span>
      <span>{t("users.joined", { when: format.date(account.createdAt) })}</span>
      {account.disabled && account.disabledAt && !account.awaitingApproval && (
        <span className={classes.bad}>
          {t("users.suspendedSince", { when: format.ago(account.disabledAt) })}
        </span>
      )}
    </p>
  );
}

/** An account, and what can be done about it. */
export function UserRow({ account }: { account: Account }) {
  const { t } = useTranslation("admin");
  const me = useMe();
  const suspend = useSuspend();
  const [dialog, setDialog] = useState<"role" | "quota" | null>(null);
  const isMe = me?._id === account._id;
  const role = ROLES.find((one) => one === account.role) ?? "user";
  const name = account.fullName;
  return (
    <article className={classes.row} aria-label={account.username}>
      <Avatar of={account} size={40} />
      <div className={classes.words}>
        <p className={classes.head}>
          <strong>{name}</strong>
          <span className="soft">@{account.username}</span>
          {role !== "user" && (
            <span className={classes.chip} data-tone="accent">
              {t(`users.role.${role}`)}
            </span>
          )}
          {isMe && <span className={classes.chip}>{t("users.you")}</span>}
          {account.disabled && (
            <span className={classes.chip} data-tone="bad">
              {t(account.awaitingApproval ? "users.awaiting" : "users.suspended")}
            </span>
          )}
        </p>
        <Facts account={account} />
      </div>
      <MoreMenu label={t("users.more", { name })}>
        {!account.disabled && (
          <Menu.Item
            component={Link}
            to={`/@${account.username}`}
            leftSection={<CircleUser size={18} aria-hidden />}
          >
            {t("users.channel")}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<ShieldCheck size={18} />} onClick={() => setDialog("role")}>
          {t("users.changeRole")}
        </Menu.Item>
        <Menu.Item leftSection={<HardDrive size={18} />} onClick={() => setDialog("quota")}>
          {t("users.changeQuota")}
        </Menu.Item>
        {account.disabled ? (
          <Menu.Item
            leftSection={<UserCheck size={18} />}
            onClick={() => suspend.run(account._id, name, false)}
          >
            {t("users.restore")}
          </Menu.Item>
        ) : (
          !isMe && (
            <Menu.Item
              color="red"
              leftSection={<Ban size={18} />}
              onClick={() => suspend.run(account._id, name, true)}
            >
              {t("users.suspend")}
            </Menu.Item>
          )
        )}
      </MoreMenu>
      <Suspense>
        {dialog === "role" && <RoleDialog account={account} onClose={() => setDialog(null)} />}
        {dialog === "quota" && <QuotaDialog account={account} onClose={() => setDialog(null)} />}
      </Suspense>
    </article>
  );
}

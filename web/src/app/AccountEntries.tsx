import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { CircleUser, Clapperboard, Keyboard, LogOut, Moon, Settings, Sun, SunMoon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { useMe, useSignOut } from "@/session/session";
import { Avatar } from "@/ui/Avatar";
import classes from "./AccountMenu.module.css";
import { openDialog } from "./dialogs";
import { type Language, languages, speak } from "./i18n";

const THEMES = [
  ["auto", SunMoon],
  ["light", Sun],
  ["dark", Moon],
] as const;

/** The entries of {@link AccountMenu}, loaded when it is opened. */
export default function AccountEntries() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      {me && (
        <>
          <div className={classes.who}>
            <Avatar of={me} size={40} />
            <div>
              <strong>{me.fullName}</strong>
              <span className="soft">@{me.username}</span>
            </div>
          </div>
          <Menu.Item component={Link} to={`/@${me.username}`} leftSection={<CircleUser size={18} />}>
            {t("menu.channel")}
          </Menu.Item>
          <Menu.Item component={Link} to="/studio" leftSection={<Clapperboard size={18} />}>
            {t("nav.studio")}
          </Menu.Item>
          <Menu.Item component={Link} to="/account" leftSection={<Settings size={18} />}>
            {t("menu.account")}
          </Menu.Item>
          <Menu.Divider />
        </>
      )}
      <Menu.Label>{t("menu.theme")}</Menu.Label>
      <Menu.RadioGroup value={colorScheme} onChange={(name) => setColorScheme(name as MantineColorScheme)}>
        {THEMES.map(([name, Icon]) => (
          <Menu.RadioItem key={name} value={name} closeMenuOnClick={false} rightSection={<Icon size={18} />}>
            {t(`menu.themes.${name}`)}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Label>{t("menu.language")}</Menu.Label>
      <Menu.RadioGroup value={i18n.language} onChange={(name) => void speak(name as Language)}>
        {(Object.keys(languages) as Language[]).map((name) => (
          <Menu.RadioItem key={name} value={name} lang={name} closeMenuOnClick={false}>
            {languages[name]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Item leftSection={<Keyboard size={18} />} onClick={() => openDialog({ kind: "keys" })}>
        {t("menu.keys")}
      </Menu.Item>
      {me && (
        <>
          <Menu.Divider />
          <Menu.Item
            leftSection={<LogOut size={18} />}
            onClick={() => signOut.mutate(undefined, { onSettled: () => navigate("/") })}
          >
            {t("signOut")}
          </Menu.Item>
        </>
      )}
    </>
  );
}

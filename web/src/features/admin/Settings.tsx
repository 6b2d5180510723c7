import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Search, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Choices } from "@/ui/Choices";
import { ListSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import frame from "./AdminPage.module.css";
import { type Setting, settingsQuery } from "./queries";
import classes from "./Settings.module.css";

const SOURCES = ["flag", "environment", "file", "default"] as const;

/** What holds, and what set it. Sentences come from the server, in its language. */
function Row({ setting }: { setting: Setting }) {
  const { t } = useTranslation("admin");
  const source = SOURCES.find((one) => one === setting.source) ?? "default";
  const { value } = setting;
  return (
    <div className={classes.setting}>
      <dt>
        <code>{setting.name}</code>
        <span className={frame.chip} data-tone={source === "default" ? undefined : "accent"}>
          {t(`settings.source.${source}`)}
        </span>
      </dt>
      <dd>
        {value ? (
          <code>{value}</code>
        ) : (
          <span className="soft">{t(value === "" ? "settings.empty" : "settings.hidden")}</span>
        )}
        <p lang="en">{setting.about}</p>
      </dd>
    </div>
  );
}

function found(all: Setting[], text: string, isChanged: boolean): Map<string, Setting[]> {
  const words = text.trim().toLowerCase().split(/\s+/);
  const sections = new Map<string, Setting[]>();
  for (const one of all) {
    if (isChanged && one.source === "default") continue;
    const said = `${one.section} ${one.name} ${one.about} ${one.value ?? ""}`.toLowerCase();
    if (!words.every((word) => said.includes(word))) continue;
    sections.set(one.section, [...(sections.get(one.section) ?? []), one]);
  }
  return sections;
}

/** The settings that the server was started with. */
export function Settings() {
  const { t } = useTranslation("admin");
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.get("q") ?? "";
  const show = parameters.get("show") === "changed" ? "changed" : "all";
  const { data, error, refetch } = useQuery(settingsQuery);
  const go = (to: { q?: string; show?: string }) => {
    const all = { q: text, show, ...to };
    setParameters(
      { ...(all.q && { q: all.q }), ...(all.show === "changed" && { show: all.show }) },
      { replace: true },
    );
  };
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const sections = found(data ?? [], text, show === "changed");
  return (
    <>
      <p className={`soft ${classes.about}`}>{t("settings.about")}</p>
      <div className={frame.filters}>
        <Choices
          label={t("settings.which")}
          value={show}
          options={(["all", "changed"] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
          onChange={(to) => go({ show: to })}
        />
        <TextInput
          className={frame.find ?? ""}
          type="search"
          label={t("settings.search")}
          leftSection={<Search size={16} aria-hidden />}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={text}
          onChange={(event) => go({ q: event.currentTarget.value })}
        />
      </div>
      {!data && <ListSkeleton count={8} />}
      {data && sections.size === 0 && <EmptyState icon={SearchX} title={t("settings.none")} />}
      {[...sections].map(([name, settings]) => (
        <section key={name} className={classes.section} aria-labelledby={`settings-${name}`}>
          <h3 id={`settings-${name}`} lang="en">
            {name.replaceAll("_", " ")}
          </h3>
          <dl className={classes.list}>
            {settings.map((setting) => (
              <Row key={setting.name} setting={setting} />
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}

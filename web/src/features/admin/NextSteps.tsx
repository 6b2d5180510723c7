import { CircleUser, type LucideIcon, Settings, Upload, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { instance } from "@/app/instance";
import classes from "./Overview.module.css";

const LINKS: ["settings" | "profile" | "upload", string, LucideIcon][] = [
  ["settings", "/admin/settings", Settings],
  ["profile", "/account", CircleUser],
  ["upload", "/upload", Upload],
];

/** For whoever has just set the site up: there is nothing to look after yet. */
export function NextSteps() {
  const { t } = useTranslation("admin");
  return (
    <section className={classes.steps} aria-labelledby="steps">
      <h3 id="steps">{t("steps.title")}</h3>
      <p>{t("steps.text")}</p>
      <ol>
        {LINKS.map(([name, to, Icon]) => (
          <li key={name}>
            <Link to={to}>
              <Icon size={20} aria-hidden />
              <span>
                <strong>{t(`steps.${name}`)}</strong>
                {t(`steps.${name}Hint`)}
              </span>
            </Link>
          </li>
        ))}
        <li>
          <div>
            <UserPlus size={20} aria-hidden />
            <span>
              <strong>{t("steps.people")}</strong>
              {t(`steps.registration.${instance.registration}`, { url: `${instance.publicUrl}/sign-up` })}
            </span>
          </div>
        </li>
      </ol>
    </section>
  );
}

import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { Trans, useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/lib/format";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import classes from "./AdminPage.module.css";
import { kindOf, place } from "./places";
import { type Act, auditQuery } from "./queries";

const keyOf = (act: Act) => act._id;
/** A long text is not told as a whole. */
const MOST = 80;

function Who({ act }: { act: Act }) {
  const { t } = useTranslation("admin");
  const { actor } = act;
  if (!actor) return <strong>{t("audit.operator")}</strong>;
  if (!actor.username) return <strong>{t("audit.someone")}</strong>;
  return (
    <Link className="link" to={`/@${actor.username}`}>
      @{actor.username}
    </Link>
  );
}

function What({ act }: { act: Act }) {
  const { t } = useTranslation("admin");
  const { about } = act;
  if (!about) return <span>{t(`audit.gone.${kindOf(act.kind)}`)}</span>;
  const kind = kindOf(about.kind);
  const text = about.text.length > MOST ? `${about.text.slice(0, MOST)}…` : about.text;
  return (
    <Link className="link" to={place(about)}>
      {kind === "report" ? text : t(`audit.things.${kind}`, { text, name: about.owner ?? "" })}
    </Link>
  );
}

/** What was done, as a sentence. */
function Sentence({ act }: { act: Act }) {
  const { t, i18n } = useTranslation("admin");
  const parts = { who: <Who act={act} />, what: <What act={act} /> };
  if (!i18n.exists(`audit.acts.${act.act}`, { ns: "admin" })) {
    return <Trans t={t} i18nKey="audit.acts.other" values={{ act: act.act }} components={parts} />;
  }
  return <Trans t={t} i18nKey={`audit.acts.${act.act as "content.edit"}`} components={parts} />;
}

/** What moderators and admins did, newest first. */
export function Audit() {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const list = useInfiniteQuery(auditQuery);
  return (
    <Endless
      list={list}
      keyOf={keyOf}
      estimate={64}
      skeleton={<ListSkeleton count={8} />}
      empty={{ icon: ScrollText, title: t("audit.none"), text: t("audit.noneText") }}
    >
      {(act) => (
        <article className={classes.row} data-plain>
          <div className={classes.words}>
            <p className={classes.said}>
              <Sentence act={act} />
            </p>
            {act.note && <p className="soft">{t("reports.note", { note: act.note })}</p>}
          </div>
          <time className="soft" dateTime={act.createdAt} title={format.dateTime(act.createdAt)}>
            {format.dateTime(act.createdAt)}
          </time>
        </article>
      )}
    </Endless>
  );
}

import { Modal } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import classes from "./KeysDialog.module.css";

// Keys that do the same are in one list; what they do is in the words of the feature.
const GROUPS = [
  ["site", { help: ["?"], search: ["/"], close: ["Esc"] }],
  [
    "player",
    {
      play: ["k", "Space"],
      back10: ["j"],
      on10: ["l"],
      back5: ["←"],
      on5: ["→"],
      part: ["0", "9"],
      ends: ["Home", "End"],
      frame: [",", "."],
      rate: ["<", ">"],
      louder: ["↑", "↓"],
      mute: ["m"],
      captions: ["c"],
      full: ["f"],
      theatre: ["t"],
      pip: ["i"],
      next: ["n"],
    },
  ],
] as const;

/** What keys do, here and in the player. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["keys", "common"]);
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t("title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {GROUPS.map(([group, keys]) => (
        <section key={group} className={classes.group} aria-labelledby={`keys-${group}`}>
          <h3 id={`keys-${group}`}>{t(group)}</h3>
          <dl className={classes.keys}>
            {Object.entries(keys).map(([what, names]) => (
              <div key={what}>
                <dt>
                  {names.map((name: string, at: number) => (
                    <Fragment key={name}>
                      {at > 0 && (what === "part" ? " – " : ` ${t("or")} `)}
                      <kbd>{name}</kbd>
                    </Fragment>
                  ))}
                </dt>
                <dd>{t(`does.${what as "help"}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}

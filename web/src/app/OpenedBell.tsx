import { Popover } from "@mantine/core";
import { cloneElement, type ReactElement, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import Latest from "@/features/notifications/Latest";
import type { TargetProps } from "@/ui/LazyMenu";
import classes from "./Bell.module.css";

/** The bell with its panel, from the first opening on. */
export default function OpenedBell({ target }: { target: ReactElement<TargetProps> }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(true);
  const button = useRef<HTMLButtonElement>(null);
  // The button took the place of the one that was clicked, and of its focus.
  useEffect(() => button.current?.focus({ preventScroll: true }), []);
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      width={400}
      position="bottom-end"
      shadow="md"
      trapFocus
      returnFocus
      keepMounted={false}
    >
      <Popover.Target>
        {cloneElement(target, { ref: button, onClick: () => setIsOpen(!isOpen) })}
      </Popover.Target>
      <Popover.Dropdown className={classes.panel} aria-label={t("bell.title")}>
        <Latest onDone={() => setIsOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

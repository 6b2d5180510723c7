// A menu of which only the button is there until somebody opens it: a list of a hundred items would otherwise keep a
// hundred menus ready, and the first page would load what few people use at once.
import { ActionIcon } from "@mantine/core";
import { EllipsisVertical } from "lucide-react";
import { cloneElement, lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";

const OpenedMenu = lazy(() => import("./OpenedMenu"));

export interface TargetProps {
  onClick?: () => void;
  ref?: React.Ref<HTMLButtonElement>;
  "aria-haspopup"?: "menu" | "dialog";
  "aria-expanded"?: boolean;
}

interface Props {
  /** The button. */
  target: ReactElement<TargetProps>;
  width?: number;
  children: ReactNode;
}

export function LazyMenu({ target, width, children }: Props) {
  const [wasOpened, setWasOpened] = useState(false);
  const closed = cloneElement(target, {
    onClick: () => setWasOpened(true),
    "aria-haspopup": "menu",
    "aria-expanded": false,
  });
  if (!wasOpened) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenedMenu target={target} {...(width ? { width } : {})}>
        {children}
      </OpenedMenu>
    </Suspense>
  );
}

/** The three dots beside an item of a list. */
export function MoreMenu({ label, ...props }: { label: string; width?: number; children: ReactNode }) {
  const target = (
    <ActionIcon variant="subtle" color="gray" radius="xl" aria-label={label}>
      <EllipsisVertical size={18} />
    </ActionIcon>
  );
  return <LazyMenu target={target} {...props} />;
}

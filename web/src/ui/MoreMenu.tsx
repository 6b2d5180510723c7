// The three dots beside each item of a list. Until somebody opens it there is only the button: a list of a hundred
// items would otherwise keep a hundred menus ready.
import { ActionIcon, Menu } from "@mantine/core";
import { EllipsisVertical } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

interface Props {
  label: string;
  width?: number;
  children: ReactNode;
}

function Open({ label, width, children }: Props) {
  const target = useRef<HTMLButtonElement>(null);
  // The button took the place of the one that was clicked, and of its focus.
  useEffect(() => target.current?.focus({ preventScroll: true }), []);
  return (
    <Menu width={width ?? "auto"} keepMounted={false} defaultOpened>
      <Menu.Target>
        <ActionIcon ref={target} variant="subtle" color="gray" radius="xl" aria-label={label}>
          <EllipsisVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

export function MoreMenu(props: Props) {
  const [wasOpened, setWasOpened] = useState(false);
  if (wasOpened) return <Open {...props} />;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      radius="xl"
      aria-label={props.label}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setWasOpened(true)}
    >
      <EllipsisVertical size={18} />
    </ActionIcon>
  );
}

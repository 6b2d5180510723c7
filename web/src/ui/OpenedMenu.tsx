import { Menu } from "@mantine/core";
import { cloneElement, type ReactElement, type ReactNode, useEffect, useRef } from "react";
import type { TargetProps } from "./LazyMenu";

interface Props {
  target: ReactElement<TargetProps>;
  width?: number;
  children: ReactNode;
}

/** The menu of {@link LazyMenu} from its first opening on. */
export default function OpenedMenu({ target, width, children }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  // The button took the place of the one that was clicked, and of its focus.
  useEffect(() => button.current?.focus({ preventScroll: true }), []);
  return (
    <Menu width={width ?? "auto"} keepMounted={false} defaultOpened>
      <Menu.Target>{cloneElement(target, { ref: button })}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

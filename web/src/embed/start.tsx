import { MantineProvider } from "@mantine/core";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { theme } from "@/app/theme";
import { Embed } from "./Embed";
import { options } from "./options";

/** The video that the address names: `/embed/65f1…`. */
function videoOf(pathname: string): string {
  return pathname.split("/").filter(Boolean).at(-1) ?? "";
}

export function start(root: HTMLElement): void {
  const embed = (
    <StrictMode>
      <MantineProvider
        theme={theme}
        forceColorScheme="dark"
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <Embed id={videoOf(location.pathname)} options={options(new URLSearchParams(location.search))} />
      </MantineProvider>
    </StrictMode>
  );
  startTransition(() => createRoot(root).render(embed));
}

// Puts the app on the page. A part of its own, so that the browser can take a breath between reading React and reading
// this.
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { Toasts } from "@/ui/Toasts";
import { queryClient } from "./queries";
import { router } from "./routes";
import { colorSchemeManager, theme } from "./theme";

export function start(root: HTMLElement): void {
  const app = (
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={colorSchemeManager}
        // The variables stand in styles/theme.css: the policy allows no styles made at run time.
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
  // In a transition React lets the browser breathe between pieces of the first page.
  startTransition(() => createRoot(root).render(app));
}

import "./styles/mantine.css";
import "./styles/theme.css";
import "./styles/base.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { startLanguages } from "./app/i18n";
import { queryClient } from "./app/queries";
import { router } from "./app/routes";
import { colorSchemeManager, theme } from "./app/theme";
import { meQuery } from "./session/session";
import { Toasts } from "./ui/Toasts";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no place for the app.");

// Both are needed before anything is shown, and neither waits for the other.
void queryClient.prefetchQuery(meQuery);
await startLanguages();

// In a transition React lets the browser breathe between pieces of the first page.
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
startTransition(() => createRoot(root).render(app));

import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";

const iris: MantineColorsTuple = [
  "#f1f0ff",
  "#e0deff",
  "#c3c0ff",
  "#a5a1fb",
  "#8a85f3",
  "#736de9",
  "#5f59de",
  "#534dc9",
  "#4640ab",
  "#38338c",
];

/** The values stand in styles/theme.css, as the policy allows no styles made at run time; here are the names. */
export const theme = createTheme({
  primaryColor: "iris",
  colors: { iris },
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    // Locking the page behind writes a style at run time; base.css does it instead.
    Modal: { defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { lockScroll: false } },
    Menu: { defaultProps: { shadow: "md", position: "bottom-end", transitionProps: { duration: 100 } } },
    Button: { defaultProps: { radius: "xl" } },
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: "streamsphere-theme" });

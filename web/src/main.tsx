// The first script of the page: asks for everything that is needed before something is shown, side by side. What it loads
// comes in pieces that are read one after the other, none of them long (the build names them in the page's head, so that
// they are on the way before this runs).
import "./styles/mantine.css";
import "./styles/theme.css";
import "./styles/base.css";
import { queryClient } from "./app/queries";
import { videosQuery } from "./features/home/lists";
import { playbackQuery, videoQuery } from "./features/watch/queries";
import { meQuery } from "./session/session";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no place for the app.");

void queryClient.prefetchQuery(meQuery);
// What the two pages show that most visits begin with is on the way together with their code.
const watched = /^\/watch\/([^/]+)\/?$/.exec(location.pathname)?.[1];
if (watched !== undefined) {
  void queryClient.prefetchQuery(videoQuery(watched));
  void queryClient.prefetchQuery(playbackQuery(watched));
} else if (location.pathname === "/") {
  void queryClient.prefetchInfiniteQuery(videosQuery());
}
await import("react-dom/client");
const { startLanguages } = await import("./app/i18n");
const [{ start }] = await Promise.all([import("./app/start"), startLanguages()]);
start(root);

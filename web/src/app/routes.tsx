// Every address of the app. A page is a part of its own that is loaded when somebody goes there; the server knows the
// same addresses from pages.json, which a test compares with this table.
import { createBrowserRouter, type RouteObject } from "react-router";
import { videosQuery } from "@/features/home/lists";
import { playbackQuery, videoQuery } from "@/features/watch/queries";
import { queryClient } from "./queries";
import { RouteError } from "./RouteError";
import { Shell } from "./Shell";

type Loaded = () => Promise<{ default: React.ComponentType }>;

type Prefetch = (parameters: Record<string, string | undefined>) => void;

/** A page and its path. What it shows first can be asked for while its code is on the way. */
function page(path: string, load: Loaded, prefetch?: Prefetch): RouteObject {
  return {
    path,
    lazy: async () => ({ Component: (await load()).default }),
    ...(prefetch && {
      loader: ({ params }) => {
        prefetch(params);
        return null;
      },
    }),
  };
}

export const pages: RouteObject[] = [
  page(
    "/",
    () => import("@/features/home/HomePage"),
    () => void queryClient.prefetchInfiniteQuery(videosQuery()),
  ),
  page(
    "/watch/:id",
    () => import("@/features/watch/WatchPage"),
    ({ id = "" }) => {
      void queryClient.prefetchQuery(videoQuery(id));
      void queryClient.prefetchQuery(playbackQuery(id));
    },
  ),
  page("/:handle", () => import("@/features/channel/ChannelPage")),
  page("/:handle/:tab", () => import("@/features/channel/ChannelPage")),
  page("/search", () => import("@/features/search/SearchPage")),
  page("/trending", () => import("@/features/home/TrendingPage")),
  page("/subscriptions", () => import("@/features/library/SubscriptionsPage")),
  page("/following", () => import("@/features/library/FollowingPage")),
  page("/library", () => import("@/features/library/LibraryPage")),
  page("/history", () => import("@/features/library/HistoryPage")),
  page("/liked", () => import("@/features/library/LikedPage")),
  page("/playlists", () => import("@/features/library/PlaylistsPage")),
  page("/playlist/:id", () => import("@/features/library/PlaylistPage")),
  page("/upload", () => import("@/features/upload/UploadPage")),
  page("/notifications", () => import("@/features/notifications/NotificationsPage")),
  page("/sign-in", () => import("@/features/auth/SignInPage")),
  page("/sign-up", () => import("@/features/auth/SignUpPage")),
  page("/setup", () => import("@/features/auth/SetupPage")),
  page("/account", () => import("@/features/account/AccountPage")),
  page("/account/:tab", () => import("@/features/account/AccountPage")),
  page("/studio", () => import("@/features/studio/StudioPage")),
  page("/studio/:tab", () => import("@/features/studio/StudioPage")),
  page("/studio/videos/:id", () => import("@/features/studio/VideoPage")),
  page("/studio/videos/:id/captions/:lang", () => import("@/features/captions/CaptionsPage")),
  page("/studio/videos/:id/analytics", () => import("@/features/dashboard/AnalyticsPage")),
  page("/admin", () => import("@/features/admin/AdminPage")),
  page("/admin/:tab", () => import("@/features/admin/AdminPage")),
  page("*", () => import("./NotFoundPage")),
];

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <RouteError />,
    // What goes wrong on a page leaves the frame around it.
    children: [{ errorElement: <RouteError />, children: pages }],
  },
]);

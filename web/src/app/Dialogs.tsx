import { lazy, Suspense, useSyncExternalStore } from "react";
import { closeDialog, dialogs } from "./dialogs";

const SaveDialog = lazy(() => import("@/features/library/SaveDialog"));
const ShareDialog = lazy(() => import("@/features/watch/ShareDialog"));
const TakedownDialog = lazy(() => import("@/features/admin/TakedownDialog"));
const ReportDialog = lazy(() => import("@/features/watch/ReportDialog"));

export function Dialogs() {
  const open = useSyncExternalStore(dialogs.subscribe, dialogs.open);
  if (!open) return null;
  return (
    <Suspense>
      {open.kind === "save" && <SaveDialog video={open.video} onClose={closeDialog} />}
      {open.kind === "share" && <ShareDialog {...open} onClose={closeDialog} />}
      {open.kind === "report" && <ReportDialog what={open.what} id={open.id} onClose={closeDialog} />}
      {open.kind === "takedown" && <TakedownDialog {...open} onClose={closeDialog} />}
    </Suspense>
  );
}

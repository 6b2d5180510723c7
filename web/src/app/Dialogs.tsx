import { lazy, Suspense, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Boundary } from "@/ui/Boundary";
import { toast } from "@/ui/toasts";
import { closeDialog, dialogs, openDialog } from "./dialogs";

const load = () => ({
  Save: lazy(() => import("@/features/library/SaveDialog")),
  Share: lazy(() => import("@/features/watch/ShareDialog")),
  Download: lazy(() => import("@/features/watch/DownloadDialog")),
  Takedown: lazy(() => import("@/features/admin/TakedownDialog")),
  Report: lazy(() => import("@/features/watch/ReportDialog")),
  Keys: lazy(() => import("./KeysDialog")),
});
// What could not be loaded is remembered as such, so all are made anew then.
let parts = load();

export function Dialogs() {
  const { t } = useTranslation();
  const open = useSyncExternalStore(dialogs.subscribe, dialogs.open);
  if (!open) return null;
  const { Save, Share, Download, Takedown, Report, Keys } = parts;
  const failed = () => {
    parts = load();
    closeDialog();
    const again = { label: t("retry"), run: () => openDialog(open) };
    toast({ tone: "bad", text: t("error.part"), action: again });
  };
  return (
    <Boundary onFailed={failed}>
      <Suspense>
        {open.kind === "keys" && <Keys onClose={closeDialog} />}
        {open.kind === "save" && <Save video={open.video} onClose={closeDialog} />}
        {open.kind === "share" && <Share {...open} onClose={closeDialog} />}
        {open.kind === "download" && <Download video={open.video} onClose={closeDialog} />}
        {open.kind === "report" && <Report what={open.what} id={open.id} onClose={closeDialog} />}
        {open.kind === "takedown" && <Takedown {...open} onClose={closeDialog} />}
      </Suspense>
    </Boundary>
  );
}

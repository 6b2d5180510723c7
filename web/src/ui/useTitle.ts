import { useEffect } from "react";

/** The title of the tab while the component is there. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title) document.title = `${title} – StreamSphere`;
  }, [title]);
}

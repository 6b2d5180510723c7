// What the table shows, in the address: ?q=words&sort=views&dir=up&show=private
import { useSearchParams } from "react-router";
import { SHOWN, SORTS, type Sort, type View } from "./queries";

export function useView(): [View, (to: Partial<View>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const view: View = {
    words: parameters.get("q") ?? "",
    sort: SORTS.find((one) => one === parameters.get("sort")) ?? "createdAt",
    isUp: parameters.get("dir") === "up",
    show: SHOWN.find((one) => one === parameters.get("show")) ?? "all",
  };
  const set = (to: Partial<View>) => {
    const { words, sort, isUp, show } = { ...view, ...to };
    const next = new URLSearchParams();
    if (words) next.set("q", words);
    if (sort !== "createdAt") next.set("sort", sort);
    if (isUp) next.set("dir", "up");
    if (show !== "all") next.set("show", show);
    setParameters(next, { replace: true, preventScrollReset: true });
  };
  return [view, set];
}

/** The order that somebody means who chooses this column: names from A on, numbers from the largest. */
export const sorted = (view: View, by: Sort): Pick<View, "sort" | "isUp"> =>
  view.sort === by ? { sort: by, isUp: !view.isUp } : { sort: by, isUp: by === "title" };

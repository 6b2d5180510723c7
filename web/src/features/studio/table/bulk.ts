// Work on many videos, one request for each. It goes on while one looks at other pages, so it is kept outside of them.
export interface Item {
  _id: string;
  title: string;
}

export interface Failed extends Item {
  message: string;
}

export interface Bulk {
  id: number;
  kind: "visibility" | "playlist" | "remove";
  total: number;
  done: number;
  failed: Failed[];
  isOver: boolean;
  /** Tries those again that failed. */
  again: () => void;
}

interface Work {
  kind: Bulk["kind"];
  items: readonly Item[];
  act: (id: string) => Promise<unknown>;
  /** How many requests at once. */
  atOnce?: number;
  /** Called when all were tried, with those that failed. */
  onOver?: (failed: readonly Failed[]) => void;
}

const AT_ONCE = 3;

let next = 1;
let all: readonly Bulk[] = [];
const watchers = new Set<() => void>();

function change(to: readonly Bulk[]): void {
  all = to;
  for (const tell of watchers) tell();
}

const put = (bulk: Bulk) => change([...all.filter((one) => one.id !== bulk.id), bulk]);

export const bulks = {
  subscribe(tell: () => void): () => void {
    watchers.add(tell);
    return () => watchers.delete(tell);
  },
  list: () => all,
};

export function forget(id: number): void {
  change(all.filter((one) => one.id !== id));
}

/** Does something with each; what fails stops nothing. Answers those that failed. */
export async function work(of: Work): Promise<readonly Failed[]> {
  const { kind, items, act, atOnce = AT_ONCE, onOver } = of;
  const again = () => {
    const left = bulk.failed;
    forget(bulk.id);
    void work({ ...of, items: left });
  };
  let bulk: Bulk = { id: next++, kind, total: items.length, done: 0, failed: [], isOver: false, again };
  put(bulk);
  const queue = [...items];
  const one = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      let failed = bulk.failed;
      try {
        await act(item._id);
        failed = bulk.failed;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        failed = [...bulk.failed, { ...item, message }];
      }
      bulk = { ...bulk, done: bulk.done + 1, failed };
      put(bulk);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, one));
  bulk = { ...bulk, isOver: true };
  // What went well needs no words of its own; what failed stays until it was seen.
  if (bulk.failed.length > 0) put(bulk);
  else forget(bulk.id);
  onOver?.(bulk.failed);
  return bulk.failed;
}

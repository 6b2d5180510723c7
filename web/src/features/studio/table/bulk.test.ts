import { afterEach, expect, it, vi } from "vitest";
import { bulks, forget, work } from "./bulk";

const items = ["a", "b", "c", "d"].map((id) => ({ _id: id, title: id.toUpperCase() }));

afterEach(() => {
  for (const one of bulks.list()) forget(one.id);
});

it("goes on after a failure, and says what failed and why", async () => {
  const act = vi.fn((id: string) => (id === "b" ? Promise.reject(new Error("No.")) : Promise.resolve()));
  const failed = await work({ kind: "remove", items, act });
  expect(act).toHaveBeenCalledTimes(4);
  expect(failed).toEqual([{ _id: "b", title: "B", message: "No." }]);
  expect(bulks.list()).toMatchObject([{ total: 4, done: 4, isOver: true }]);
});

it("leaves nothing to look at where all went well", async () => {
  await work({ kind: "visibility", items, act: () => Promise.resolve() });
  expect(bulks.list()).toEqual([]);
});

it("tries only those again that failed", async () => {
  let isDown = true;
  const act = vi.fn((id: string) =>
    id === "c" && isDown ? Promise.reject(new Error("Down.")) : Promise.resolve(),
  );
  await work({ kind: "playlist", items, act, atOnce: 1 });
  isDown = false;
  act.mockClear();
  bulks.list()[0]?.again();
  await vi.waitFor(() => expect(bulks.list()).toEqual([]));
  expect(act.mock.calls).toEqual([["c"]]);
});

it("never has more requests under way than were asked for", async () => {
  let now = 0;
  let most = 0;
  const act = async () => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
  };
  await work({ kind: "visibility", items, act, atOnce: 2 });
  expect(most).toBe(2);
});

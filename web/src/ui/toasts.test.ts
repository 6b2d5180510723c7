import { afterEach, expect, it, vi } from "vitest";
import { dismiss, finishWaiting, toast, toasts } from "./toasts";

afterEach(() => {
  for (const one of toasts.list()) dismiss(one.id, true);
});

const undo = { label: "Undo", run: () => undefined };

it("does what it announced once it is gone", () => {
  const after = vi.fn();
  const id = toast({ text: "Removed.", action: undo, after });
  expect(after).not.toHaveBeenCalled();
  dismiss(id);
  expect(after).toHaveBeenCalledOnce();
});

it("does nothing where its action was taken", () => {
  const after = vi.fn();
  dismiss(toast({ text: "Removed.", action: undo, after }), true);
  finishWaiting();
  expect(after).not.toHaveBeenCalled();
});

it("stays where newer messages come, and where the same is said again", () => {
  const after = vi.fn();
  toast({ text: "Removed.", action: undo, after });
  for (const text of ["one", "two", "three", "four"]) toast({ text });
  toast({ text: "Removed.", action: undo, after: vi.fn() });
  expect(after).not.toHaveBeenCalled();
  expect(toasts.list().map((one) => one.text)).toEqual(["Removed.", "four", "Removed."]);
});

it("does the oldest where very many wait", () => {
  const after = vi.fn();
  toast({ text: "first", action: undo, after });
  for (let n = 0; n < 8; n += 1) toast({ text: `${n}`, action: undo, after: () => undefined });
  expect(after).toHaveBeenCalledOnce();
});

it("does it at once, and only once, when the page is left", () => {
  const after = vi.fn();
  const id = toast({ text: "Removed.", action: undo, after });
  finishWaiting();
  dismiss(id);
  expect(after).toHaveBeenCalledOnce();
});

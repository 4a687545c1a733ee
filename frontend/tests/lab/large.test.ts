// @vitest-environment happy-dom
// A job in large: what of it the page holds, and for how long.
import { afterEach, expect, test, vi } from "vitest";
import { LargeView } from "../../lab/src/large";
import { Model } from "../../lab/src/model";
import { Orders } from "../../lab/src/orders";
import { Undo } from "../../src/shared/undo";
import { FakeServer, jobOf } from "./fakes";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a poster that is still being fetched when its view is closed is given up later, not at once", async () => {
  vi.useFakeTimers();
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:poster");
  const revoke = vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  const server = new FakeServer([jobOf({ id: "k3f9x2ab", has_poster: true })]);
  const orders: Orders = new Orders(server.api, new Undo(async () => {}, () => orders.tell(null)), { insert: () => {}, say: () => {} });
  const view = new LargeView("k3f9x2ab", server.api, new Model(server.api, "0.1.0"), orders, () => {});
  await vi.advanceTimersByTimeAsync(100);
  view.stop();
  expect(view.root.children.length).toBe(0);
  expect(revoke).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(revoke).toHaveBeenCalledExactlyOnceWith("blob:poster");
});

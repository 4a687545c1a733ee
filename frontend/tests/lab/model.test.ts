import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refused } from "../../lab/src/api";
import type { Told } from "../../lab/src/job";
import { Model } from "../../lab/src/model";
import { FakeServer, newOf, newsOf, settle } from "./fakes";

function toldOf(part: Partial<Told> = {}): Told {
  return { api: 1, history: "ok", changes: "2", open: 1, statuses: {}, new_count: 0, changed: [], more: 0, ...part };
}

async function started(server = new FakeServer()): Promise<{ server: FakeServer; model: Model }> {
  const model = new Model(server.api, "0.1.0");
  await model.look();
  return { server, model };
}

test("a server that does not have the extension leaves the page silent, also when events come", async () => {
  const server = new FakeServer();
  server.refusal = new Refused(404, "Not found");
  const model = new Model(server.api, "0.1.0");
  const heard = vi.fn();
  model.connect(heard);
  expect(await model.look()).toBe(false);
  model.hear(toldOf());
  await settle();
  expect(model.known.phase).toBe("absent");
  expect(heard).not.toHaveBeenCalled();
  expect(server.asked).toEqual(["GET new"]);
});

test("an event about a job that goes on is enough by itself: nothing is asked", async () => {
  const { server, model } = await started();
  const heard = vi.fn();
  model.connect(heard);
  model.hear(toldOf({ open: 2, changed: [{ id: "a", status: "queued", kind: "open", is_new: false }] }));
  await settle();
  expect(model.known.open).toBe(2);
  expect(heard).toHaveBeenCalledWith(["a"]);
  expect(server.asked).toEqual(["GET new"]);
});

test("an event about something new asks once what is new", async () => {
  const { server, model } = await started();
  server.news = newOf({ changes: "2", new: [newsOf("a")] });
  model.hear(toldOf({ new_count: 1, changed: [{ id: "a", status: "succeeded", kind: "saved", is_new: true }] }));
  await settle();
  expect(model.fresh).toBe(1);
  expect(server.asked).toEqual(["GET new", "GET new"]);
});

test("an event that left jobs out says that any may have changed", async () => {
  const { model } = await started();
  const heard = vi.fn();
  model.connect(heard);
  model.hear(toldOf({ more: 3 }));
  expect(heard).toHaveBeenCalledWith(null);
});

test("what happened while no event came is found by the next look", async () => {
  const { server, model } = await started();
  const heard = vi.fn();
  model.connect(heard);
  server.news = newOf({ changes: "9" });
  await model.look();
  expect(heard).toHaveBeenCalledWith(null);
});

test("a server that speaks another version gets one clear line, and nothing of its answer is read", async () => {
  const server = new FakeServer();
  server.news = newOf({ api: 2, version: "3.0.0", open: 7, new: [newsOf("a")] });
  const { model } = await started(server);
  expect(model.known).toMatchObject({ phase: "other", open: 0, news: [] });
  expect(model.known.said).toContain("This page is of seedance-widgets 0.1.0, the Jupyter server of 3.0.0");
});

test("a newer package that speaks the same version works, and is named", async () => {
  const server = new FakeServer();
  server.news = newOf({ version: "0.2.0", open: 1 });
  const { model } = await started(server);
  expect(model.known).toMatchObject({ phase: "ok", open: 1 });
  expect(model.known.said).toContain("0.2.0");
});

test("a server that stops answering is trouble, and its next answer ends it", async () => {
  const { server, model } = await started();
  server.refusal = new Refused(0, "The Jupyter server does not answer.");
  await model.look();
  expect(model.known).toMatchObject({ phase: "trouble", said: "The Jupyter server does not answer." });
  server.refusal = null;
  await model.look();
  expect(model.known).toMatchObject({ phase: "ok", said: null });
});

test("a job that was seen here is no news at once", async () => {
  const server = new FakeServer();
  server.news = newOf({ new: [newsOf("a"), newsOf("b")] });
  const { model } = await started(server);
  model.saw(["a"]);
  expect(model.known.news.map(({ id }) => id)).toEqual(["b"]);
});

describe("a page that keeps looking", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function looksIn(server: FakeServer, ms: number): Promise<number> {
    const before = server.asked.length;
    await vi.advanceTimersByTimeAsync(ms);
    return server.asked.length - before;
  }

  test("looks once a minute", async () => {
    const server = new FakeServer();
    new Model(server.api, "0.1.0").keepLooking();
    expect(server.asked).toEqual(["GET new"]);
    expect(await looksIn(server, 600_000)).toBe(10);
  });

  test("looks often while the server does not answer, and for a minute after, since events come later than answers", async () => {
    const server = new FakeServer();
    const model = new Model(server.api, "0.1.0");
    model.keepLooking();
    await vi.advanceTimersByTimeAsync(1);
    server.refusal = new Refused(502, "The Jupyter server answered with 502.");
    await model.look();
    expect(await looksIn(server, 20_000)).toBe(4);
    server.refusal = null;
    expect(await looksIn(server, 5_000)).toBe(1);
    expect(model.known.phase).toBe("ok");
    expect(await looksIn(server, 55_000)).toBe(11);
    expect(await looksIn(server, 120_000)).toBe(2);
  });
});

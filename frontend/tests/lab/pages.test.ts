import { expect, test } from "vitest";
import { ANY } from "../../lab/src/api";
import { CHUNK, Pages, windowOf } from "../../lab/src/pages";
import { FakeServer, jobOf, settle } from "./fakes";

function history(many: number): FakeServer {
  return new FakeServer(Array.from({ length: many }, (_, i) => jobOf({ id: `job${i}`, prompt: i % 2 ? "a boat" : "a fox" })));
}

function pagesOf(server: FakeServer): Pages {
  return new Pages(ANY, (query, offset, limit) => server.api.jobs(query, offset, limit), () => {});
}

test("of ten thousand jobs only the part that is looked at is asked for", async () => {
  const server = history(10_000);
  const pages = pagesOf(server);
  pages.want(0, 12);
  await settle();
  pages.want(5001, 5010);
  await settle();
  expect(pages.total).toBe(10_000);
  expect(pages.at(5003)?.id).toBe("job5003");
  expect(server.asked).toEqual([`GET jobs?offset=0&limit=${CHUNK}`, `GET jobs?offset=5000&limit=${CHUNK}`]);
});

test("a change asks again for what is looked at, and keeps what is there until the answer comes", async () => {
  const server = history(120);
  const pages = pagesOf(server);
  pages.want(0, 60);
  await settle();
  server.jobs.unshift(jobOf({ id: "newest" }));
  pages.refresh();
  expect(pages.at(0)?.id).toBe("job0");
  await settle();
  expect([pages.at(0)?.id, pages.at(1)?.id, pages.total]).toEqual(["newest", "job0", 121]);
  expect(server.asked).toHaveLength(4);
});

test("the answer to an earlier search is thrown away", async () => {
  const server = history(100);
  const pages = pagesOf(server);
  pages.search({ ...ANY, text: "a fox" });
  pages.search({ ...ANY, text: "a boat" });
  await settle();
  expect(pages.total).toBe(50);
  expect(pages.at(0)?.prompt).toBe("a boat");
});

test("another search leaves nothing of the last one in the list", async () => {
  const server = history(300);
  const pages = pagesOf(server);
  pages.want(120, 140);
  await settle();
  pages.search({ ...ANY, text: "a boat" });
  await settle();
  expect(pages.at(125)).toBe(null);
});

test("a newer row takes its place, an older one does not", async () => {
  const server = history(3);
  const pages = pagesOf(server);
  pages.want(0, 2);
  await settle();
  pages.put(jobOf({ id: "job1", rev: 4, starred: true }));
  pages.put(jobOf({ id: "job1", rev: 2, starred: false }));
  expect(pages.at(1)?.starred).toBe(true);
});

test("few rows are in the page, however long the list", () => {
  expect(windowOf(0, 600, 72, 10_000)).toEqual([0, 15]);
  expect(windowOf(360_000, 600, 72, 10_000)).toEqual([4994, 5015]);
  expect(windowOf(719_400, 600, 72, 10_000)).toEqual([9985, 9999]);
  expect(windowOf(500, 600, 72, 1)).toEqual([0, 0]);
});

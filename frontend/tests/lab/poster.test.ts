// The poster in a notice of JupyterLab's, which is drawn here as JupyterLab draws it.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused } from "../../lab/src/api";
import { noticeOfMany } from "../../lab/src/notices";
import { putPoster } from "../../lab/src/poster";
import { FakeServer, jobOf, newsOf } from "./fakes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The elements that JupyterLab draws for one notice. */
function draw(id: string, words: string): HTMLElement {
  const [toast, body, box, message, buttons] = ["Toastify__toast", "Toastify__toast-body", "", "jp-toast-message", "jp-toast-buttonBar"].map((name) =>
    Object.assign(document.createElement("div"), { className: name }),
  );
  message!.textContent = words;
  box!.append(message!, buttons!);
  body!.append(box!);
  toast!.append(body!);
  toast!.id = id;
  document.body.append(toast!);
  return toast!;
}

const wait = (ms = 50) => vi.advanceTimersByTimeAsync(ms);
const withPoster = () => new FakeServer([jobOf({ has_poster: true })]);

test("the poster stands before the words of its own notice, in no other, and is not read out", async () => {
  const server = withPoster();
  const other = draw("n-1", "Kernel restarted");
  putPoster("n-2", server.api, server.jobs[0]!);
  const toast = draw("n-2", "Ready: “a paper boat”");
  await wait();
  const image = toast.querySelector("img")!;
  expect(image.nextElementSibling?.textContent).toBe("Ready: “a paper boat”");
  expect([image.alt, image.src.startsWith("blob:")]).toEqual(["", true]);
  expect(other.querySelector("img")).toBe(null);
  expect(server.asked).toEqual(["GET jobs/abcd2345/poster"]);
});

test("its room is there before the poster, so that nothing jumps, and stays where the poster cannot be fetched", async () => {
  const { jobs } = withPoster();
  let refuse = (_: Error) => {};
  putPoster("n-1", { poster: () => new Promise((_, reject) => (refuse = reject)) }, jobs[0]!);
  const toast = draw("n-1", "Ready: “a paper boat”");
  await wait();
  expect(toast.querySelectorAll("img:not([src])")).toHaveLength(1);
  refuse(new Refused(404, "gone"));
  await wait();
  expect(toast.querySelectorAll("img:not([src])")).toHaveLength(1);
});

test("a notice that is there already has its poster at once, and one alone however the page changes", async () => {
  const server = withPoster();
  const toast = draw("n-1", "Ready: “a paper boat”");
  putPoster("n-1", server.api, server.jobs[0]!);
  await wait();
  expect(toast.querySelectorAll("img")).toHaveLength(1);
  document.body.append(document.createElement("p"));
  await wait();
  expect(toast.querySelectorAll("img")).toHaveLength(1);
  expect(server.asked).toHaveLength(1);
});

test("where notices are turned off the page is watched for ten seconds, and nothing is asked", async () => {
  const server = withPoster();
  putPoster("n-1", server.api, server.jobs[0]!);
  await wait(10_500);
  const late = draw("n-1", "Ready: “a paper boat”");
  await wait();
  expect(late.querySelector("img")).toBe(null);
  expect(server.asked).toEqual([]);
});

test.each([
  ["a job that has none", jobOf({ has_poster: false })],
  ["several jobs", noticeOfMany([newsOf("a"), newsOf("b")]).job],
])("the notice of %s is words alone", async (_, job) => {
  const server = withPoster();
  putPoster("n-1", server.api, job);
  const toast = draw("n-1", "2 clips are ready");
  await wait();
  expect(toast.querySelector("img")).toBe(null);
  expect(server.asked).toEqual([]);
});

test.each(["load", "error"])("the page does not hold the bytes of a poster after its %s", async (end) => {
  const revoke = vi.spyOn(URL, "revokeObjectURL");
  const server = withPoster();
  putPoster("n-1", server.api, server.jobs[0]!);
  const image = () => toast.querySelector("img")!;
  const toast = draw("n-1", "Ready: “a paper boat”");
  await wait();
  image().dispatchEvent(new Event(end));
  expect(revoke).toHaveBeenCalledWith(image().src);
});

// The page in other languages.
import { render } from "preact";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { STATES } from "../dev/states.js";
import card from "../src/card";
import type { CardView } from "../src/shared/job-view";
import { said, speak } from "../src/shared/words";
import { GOLDEN, knowTranslate, marking, unmarked } from "./catalogue";
import { CLIP, FakeModel, finished, onFakePage, viewOf } from "./fakes";

const MARKING = marking("card");
const mounted: (() => void)[] = [];

function show(view: unknown, words: unknown = MARKING) {
  const el = document.body.appendChild(document.createElement("div"));
  const model = new FakeModel(view);
  model.words = words;
  mounted.push(card.render({ model, el }));
  return { el, model };
}

beforeAll(knowTranslate);
onFakePage(mounted);
afterEach(() => void speak({}));

test.each(GOLDEN.said)("what Python makes of %j the page makes, too", (english, expected) => {
  speak(GOLDEN.words);
  expect(said(english)).toBe(expected);
});

test("without a catalogue every text stays", () => {
  for (const words of [undefined, null, {}]) {
    speak(words);
    expect(said("Cancel")).toBe("Cancel");
  }
});

test("text that stands together is looked up as one sentence, and what stands between two elements as another", () => {
  speak({ language: "xx", texts: { "for two takes": "für zwei", of: "von" }, patterns: [["^for (?<count>[\\d.,]+) takes$", "für {count}"]] });
  const root = document.createElement("div");
  render(<p>for {3} takes<b>x</b>{false} of <i>y</i></p>, root);
  expect(root.textContent).toBe("für 3x von y");
});

test("a sentence keeps its place when a part of it goes away, so that what stands after it is not made anew", () => {
  speak({ language: "xx", texts: {}, patterns: [] });
  const root = document.createElement("div");
  const draw = (more: boolean) => render(<p>Generate{more && ": sending…"}<input /></p>, root);
  draw(true);
  const field = root.querySelector("input");
  draw(false);
  expect(root.querySelector("input")).toBe(field);
});

/** What is data, in the states that are shown: names, figures, and the server's own words. */
const DATA = /^(seedance-2\.0|16:9|720p|kB|MB|[\w-]+\.mp4|[≈<] \$[\d.]+|job_\w+|req_\w+|upscaling)$/;

test.each(Object.entries(STATES).filter(([, state]) => state))("the card has no text that is in no catalogue: %s", (_, state) => {
  const { silent, ...view } = { ...(state as unknown as CardView & { silent?: boolean }), poster: null };
  const problem = view.problem && { ...view.problem, title: "The generation failed", what: "", next: "", details: "", charged: "Nothing was charged." };
  const { el } = show({ ...view, problem, download: view.download && { ...view.download, problem: null } });
  if (silent) vi.advanceTimersByTime(20_000);
  vi.advanceTimersByTime(3000);
  const english = unmarked(el).flatMap((text) => text.split(/ · |\s{2,}/)).filter((text) => !DATA.test(text.trim()));
  expect(english).toEqual([]);
});

test("a prompt that is a text of ours is not translated, in none of its places", () => {
  const { el } = show(finished({ prompt: "Cancel", poster: "data:image/jpeg;base64,AA" }));
  expect(el.querySelector(".sdw-prompt-text")?.textContent).toBe("Cancel");
  expect(el.querySelector("img")?.getAttribute("alt")).toBe("«First frame: Cancel»");
  const running = show(viewOf({ prompt: "Cancel" }));
  expect(running.el.querySelector(".sdw-prompt-text")?.textContent).toBe("Cancel");
  expect([...running.el.querySelectorAll("button")].map((each) => each.textContent)).toContain("«Cancel»");
});

test("the name of a clip that plays is its prompt as it is", () => {
  const { el, model } = show(finished({ prompt: "Cancel" }));
  vi.advanceTimersByTime(1000);
  model.answer(0, CLIP.size_bytes, "abcdef");
  expect(el.querySelector("video")?.getAttribute("aria-label")).toBe("Cancel");
});

test("a card that stands there in English is drawn anew when its catalogue comes", () => {
  const { el, model } = show(viewOf(), {});
  expect(el.textContent).toContain("Generating");
  model.words = MARKING;
  model.show(viewOf({ rev: 2 }));
  expect(el.textContent).toContain("«Generating»");
});


// The widget module: what the host imports.
import { pageLanguage, pageName } from "../shared/page";
import { type Look, type Model, postTo, type RenderContext } from "./host";
import { mount } from "./mount";

const LOOK_AFTER_MS = 1000; // an output that was replaced is drawn by then

export default {
  /** Tells the kernel that a page is here; waits for nothing, because a slow start would lose later updates. */
  initialize({ model }: { model: Model }): void {
    postTo(model)({ type: "hello", page: pageName(), language: pageLanguage() });
    model.on("msg:custom", (content: Look | null) => {
      if (content?.type === "look") setTimeout(() => lookFor(content, model), LOOK_AFTER_MS);
    });
  },
  render(context: RenderContext): () => void {
    return mount(context);
  },
};

function lookFor({ look, marks }: Look, model: Model): void {
  const there = marks.every((mark) => document.querySelector(`.${mark}`));
  postTo(model)({ type: "looked", look, there });
}

// What a host imports of the grid, and of Compare.
import { type Live, rootClass, run } from "../shared/host";
import { pageLanguage } from "../shared/page";
import { type Model, postTo, type RenderContext } from "./host";

export function moduleOf(view: (model: Model, root: HTMLElement) => Live) {
  return {
    /** Tells the kernel that a page is here; waits for nothing, because a slow start would lose later updates. */
    initialize({ model }: { model: Model }): void {
      postTo(model)({ type: "hello", language: pageLanguage() });
    },
    render({ model, el, signal }: RenderContext): () => void {
      const root = el.appendChild(document.createElement("div"));
      root.className = rootClass("views");
      return run(view(model, root), signal);
    },
  };
}

// The widget module of the grid and of Compare: what the host imports.
import { rootClass, run } from "../shared/host";
import { LiveCompare } from "./compare-mount";
import { LiveGrid } from "./grid-mount";
import { type Model, postTo, type RenderContext } from "./host";
import type { CompareView, GridView } from "./view";

export default {
  /** Tells the kernel that a page is here; waits for nothing, because a slow start would lose later updates. */
  initialize({ model }: { model: Model }): void {
    postTo(model)({ type: "hello" });
  },
  render({ model, el, signal }: RenderContext): () => void {
    const root = el.appendChild(document.createElement("div"));
    root.className = rootClass("views");
    const { kind } = model.get("view") as GridView | CompareView;
    return run(kind === "compare" ? new LiveCompare(model, root) : new LiveGrid(model, root), signal);
  },
};

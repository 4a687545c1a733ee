// The widget module: what the host imports.
import { pageLanguage } from "../shared/page";
import { type Model, postTo, type RenderContext } from "./host";
import { mount } from "./mount";

export default {
  /** Tells the kernel that a page is here; waits for nothing, because a slow start would lose later updates. */
  initialize({ model }: { model: Model }): void {
    postTo(model)({ type: "hello", language: pageLanguage() });
  },
  render(context: RenderContext): () => void {
    return mount(context);
  },
};

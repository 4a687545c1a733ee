// The widget module of the grid: what the host imports.
import { LiveGrid } from "./grid-mount";
import { moduleOf } from "./module";

export default moduleOf((model, root) => new LiveGrid(model, root));

// The widget module of Compare: what the host imports.
import { LiveCompare } from "./compare-mount";
import { moduleOf } from "./module";

export default moduleOf((model, root) => new LiveCompare(model, root));

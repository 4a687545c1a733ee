// The widget module of Choose: what the host imports.
import { LiveChoose } from "./choose-mount";
import { moduleOf } from "./module";

export default moduleOf((model, root) => new LiveChoose(model, root));

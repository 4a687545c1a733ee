// The second bundle of the Studio.
import { handOver } from "../shared/lent";
import * as panels from "./panels";

handOver(panels);

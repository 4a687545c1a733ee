// The second bundle of the grid.
import { handOver } from "../shared/lent";
import * as panels from "./panels";

handOver(panels);

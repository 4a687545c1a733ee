// Our mark: a clip with a spark, in the colours of the host's icons.
import { LabIcon } from "@jupyterlab/ui-components";

const DRAWN =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">' +
  '<path class="jp-icon3" fill="#616161" d="M4 5h9.2a6 6 0 0 0-.2 2H4v11h15v-5.1a6 6 0 0 0 2-.5V18a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z"/>' +
  '<path class="jp-icon3" fill="#616161" d="M9.5 9.2v6.6l5.2-3.3z"/>' +
  '<path class="jp-icon3" fill="#616161" d="M19 2l1.2 2.8L23 6l-2.8 1.2L19 10l-1.2-2.8L15 6l2.8-1.2z"/></svg>';

export const icon = new LabIcon({ name: "seedance-widgets:clip", svgstr: DRAWN });

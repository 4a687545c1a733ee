// What a person looks at: loaded when it is first opened, and not with each page of JupyterLab.
export { showDoctor } from "./doctor";
export { LargeView } from "./large";
export { JobsView } from "./panel-mount";
export { readPlace } from "./panel-state";
export { showStory } from "./story";

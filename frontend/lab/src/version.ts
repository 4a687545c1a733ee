// The version of this page, which the build fills in.
declare const __VERSION__: string;

export const VERSION = __VERSION__;

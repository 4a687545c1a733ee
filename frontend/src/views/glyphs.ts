// The small drawings of the transport.
export const PLAY = "M5 3.5v9l7-4.5z";
export const PAUSE = "M4.5 3.5h2.5v9H4.5zM9 3.5h2.5v9H9z";
export const BACK = "M11 4 6.5 8l4.5 4zM4.5 4v8";
export const ON = "M5 4l4.5 4L5 12zM11.5 4v8";
export const STAR = "M8 2l1.8 3.8 4.2.6-3 2.9.7 4.2L8 11.5l-3.7 2 .7-4.2-3-2.9 4.2-.6z";
export const FULL = "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";
export const BACK_TO = "M9.5 3.5 5 8l4.5 4.5";

// The small drawings of the transport.
export const PLAY = "M5 3.5v9l7-4.5z";
export const PAUSE = "M4.5 3.5h2.5v9H4.5zM9 3.5h2.5v9H9z";
export const BACK = "M11 4 6.5 8l4.5 4zM4.5 4v8";
export const ON = "M5 4l4.5 4L5 12zM11.5 4v8";

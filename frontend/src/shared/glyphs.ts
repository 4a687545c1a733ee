// What small drawings of one stroke are made of, for `Icon`: one by one, so that a bundle has only those that it draws.
export const UP = "M8 12.5v-9M4 7.5l4-4 4 4";
export const DOWN = "M8 3.5v9M4 8.5l4 4 4-4";
export const IMAGE = "M2.5 3.5h11v9h-11zM2.5 11l3-3 2.5 2.5L10.5 8l3 3";
export const VIDEO = "M2.5 3.5h11v9h-11zM6.5 6v4l3.5-2z";
export const AUDIO = "M6 11.5V4l6-1.5V10M6 11.5a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0zM12 10a1.75 1.75 0 1 1-3.5 0A1.75 1.75 0 0 1 12 10z";
export const LINK = "M6.5 9.5l3-3M7 4.5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 8.5M5 7.5 3.5 9a2.8 2.8 0 0 0 4 4L9 11.5";
export const STAR = "M8 2l1.8 3.8 4.2.6-3 2.9.7 4.2L8 11.5l-3.7 2 .7-4.2-3-2.9 4.2-.6z";
export const COMPARE = "M2.5 3.5h4.5v9H2.5zM9 3.5h4.5v9H9z";
export const AGAIN = "M12.9 6.5A5 5 0 1 0 13 9.3M13 3v3.5H9.5";
export const REUSE = "M6.5 3.5 3 7l3.5 3.5M3 7h6a4 4 0 0 1 4 4v1.5";
export const CONTINUE = "M3.5 3.5v9L10 8zM12.5 3.5v9";
export const DOWNLOAD = "M8 2.5V10M4.8 7 8 10.2 11.2 7M2.5 10.5v3h11v-3";
export const MORE = "M3.5 8h.01M8 8h.01M12.5 8h.01";
export const SEARCH = "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 13.5 13.5";

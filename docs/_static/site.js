// The film of the first page plays by itself, without sound, unless its reader asks for less motion; its controls stop it.
const less = matchMedia("(prefers-reduced-motion: reduce)");

function play() {
  for (const film of document.querySelectorAll("video.sdw-film")) {
    if (film.offsetParent === null || less.matches) film.pause(); // the one of the other theme
    else film.play().catch(() => {}); // a browser that lets nothing play shows the poster and the controls
  }
}

addEventListener("DOMContentLoaded", () => {
  play();
  new MutationObserver(play).observe(document.body, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", play);
  less.addEventListener("change", play);
});

// What is wider than its place is scrolled by the keyboard, too.
const WIDE = "pre, .table-wrapper, .cell_output .output, .cell_output table";

function reach() {
  for (const each of document.querySelectorAll(WIDE)) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}

addEventListener("load", reach);
addEventListener("resize", reach);

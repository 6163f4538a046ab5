"""Drawing -> one page that needs nothing else: the picture, which can be dragged and enlarged, and what is known of what the pointer
is on: its line of source, its comment, its code."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from clickup_lang.draw.drawing import Drawing
from clickup_lang.draw.svg import svg
from clickup_lang.source import SourceText

STYLE = """\
:root { color-scheme: light dark; --paper: #fbfcfd; --ink: #1c2128; --faint: #66717d; --card: #ffffff; --line: #a9b3bd; }
@media (prefers-color-scheme: dark) { :root { --paper: #15191e; --ink: #e6edf3; --faint: #98a4b0; --card: #22282f; --line: #56606b; } }
html, body { margin: 0; height: 100%; background: var(--paper); color: var(--ink); font: 14px system-ui, sans-serif; }
body { display: flex; flex-direction: column; }
header { padding: 8px 16px; border-bottom: 1px solid var(--line); display: flex; gap: 16px; align-items: baseline; }
h1 { font-size: 16px; margin: 0; }
header span { color: var(--faint); }
main { flex: 1; overflow: hidden; position: relative; }
main > svg { position: absolute; inset: 0; width: 100%; height: 100%; cursor: grab; touch-action: none; }
main > svg.dragged { cursor: grabbing; }
svg .edge.near { stroke-width: 2.8; }
svg.asks .edge:not(.near) { opacity: 0.3; }
#card { position: absolute; display: none; max-width: min(720px, 70%); max-height: 70%; overflow: hidden; pointer-events: none;
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; box-shadow: 0 2px 10px #0004; }
#card p { margin: 0 0 4px; }
#card .where { color: var(--faint); }
#card pre { margin: 4px 0 0; font-size: 12px; white-space: pre-wrap; }
"""

SCRIPT = """\
const picture = document.querySelector("main > svg"), card = document.getElementById("card");
const whole = picture.viewBox.baseVal, size = { width: whole.width, height: whole.height };
const view = { x: 0, y: 0, width: size.width, height: size.height };
const show = () => picture.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
// Pixels of the screen for one of the picture: it is shown whole, so the tighter side decides.
const scale = () => Math.min(picture.clientWidth / view.width, picture.clientHeight / view.height);
function at(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  return [point.x, point.y];
}
function zoom(factor, x, y) {
  factor = Math.min(Math.max(factor, size.width / 40 / view.width), size.width * 8 / view.width);
  view.x = x - (x - view.x) * factor; view.y = y - (y - view.y) * factor;
  view.width *= factor; view.height *= factor;
  show();
}
function fit() { Object.assign(view, { x: 0, y: 0, width: size.width, height: size.height }); show(); }
picture.addEventListener("wheel", event => { event.preventDefault(); zoom(Math.exp(event.deltaY * 0.0015), ...at(event)); }, { passive: false });
let from = null;
picture.addEventListener("pointerdown", event => { from = [event.clientX, event.clientY]; picture.setPointerCapture(event.pointerId); picture.classList.add("dragged"); });
picture.addEventListener("pointerup", () => { from = null; picture.classList.remove("dragged"); });
picture.addEventListener("pointermove", event => {
  if (from) {
    view.x -= (event.clientX - from[0]) / scale(); view.y -= (event.clientY - from[1]) / scale();
    from = [event.clientX, event.clientY];
    show();
  }
  place(event);
});
picture.addEventListener("dblclick", fit);
addEventListener("keydown", event => {
  const x = view.x + view.width / 2, y = view.y + view.height / 2;
  if (event.key === "+") zoom(0.8, x, y);
  if (event.key === "-") zoom(1.25, x, y);
  if (event.key === "0") fit();
});
function place(event) {
  const room = picture.getBoundingClientRect();
  const x = event.clientX - room.left + 14, y = event.clientY - room.top + 14;
  card.style.left = Math.max(0, Math.min(x, room.width - card.offsetWidth - 8)) + "px";
  card.style.top = (y + card.offsetHeight > room.height - 8 ? Math.max(0, y - card.offsetHeight - 28) : y) + "px";
}
function line(kind, name, text) { if (text) { const part = document.createElement(kind); part.className = name; part.textContent = text; card.append(part); } }
for (const box of document.querySelectorAll("svg .box, svg .frame")) {
  box.querySelector("title")?.remove();  // the card says the same
  box.addEventListener("pointerenter", event => {
    card.replaceChildren();
    const { name, where, line: source, doc, note } = box.dataset;
    line("p", "name", name); line("p", "doc", doc); line("p", "where", where); line("pre", "source", source); line("pre", "note", note);
    card.style.display = "block";
    if (box.classList.contains("box")) {
      picture.classList.add("asks");
      for (const edge of document.querySelectorAll("svg .edge")) edge.classList.toggle("near", edge.dataset.source === name || edge.dataset.target === name);
    }
    place(event);
  });
  box.addEventListener("pointerleave", () => { card.style.display = "none"; picture.classList.remove("asks"); });
}
"""


def html(drawing: Drawing, sources: Mapping[str, SourceText]) -> str:
    """A whole document; ends with a line end."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(drawing.title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(drawing.title)}</h1><span>drag to move, wheel or + and - to enlarge, double click or 0 for all of it</span></header>\n"
        f'<main>\n{svg(drawing, sources)}<div id="card"></div>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n'
    )

import { type Child, el, fill } from "./dom.js";

/** The card beside what the pointer is on or the focus is at: one for the whole page. */
const card = el("div", { id: "word-card", role: "tooltip", hidden: true });
/** What of the card is seen at least, in pixels, wherever the element is. */
const leastHeight = 120;
let timer: ReturnType<typeof setTimeout> | undefined;
let shown: HTMLElement | undefined;

/** Puts the card into the page and makes Escape close it. */
export function addCard(host: HTMLElement): void {
  host.append(card);
  card.addEventListener("mouseenter", () => clearTimeout(timer));
  card.addEventListener("mouseleave", hideSoon);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !card.hidden) {
      hideCard();
    }
  });
  // What gets the focus may scroll into view, and a window may change: the card goes with it.
  document.addEventListener("scroll", (event) => event.target !== card && follow(), { capture: true, passive: true });
  addEventListener("resize", follow);
}

function follow(): void {
  if (shown?.isConnected) {
    place(shown);
  } else {
    hideCard();
  }
}

/** Closes the card unless the pointer enters it. */
export function hideSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(hideCard, 150);
}

/** Closes the card. */
export function hideCard(): void {
  clearTimeout(timer);
  card.hidden = true;
  shown?.removeAttribute("aria-describedby");
  shown = undefined;
}

/** Shows the card beside an element that it describes. */
export function showCard(element: HTMLElement, ...children: readonly Child[]): void {
  hideCard();
  fill(card, ...children);
  card.hidden = false;
  card.scrollTop = 0;
  shown = element;
  element.setAttribute("aria-describedby", card.id);
  place(element);
}

/** Scrolls a card that is higher than the window; false if there is nothing more to see. */
export function scrollCard(pages: number): boolean {
  const before = card.scrollTop;
  card.scrollBy(0, pages * card.clientHeight * 0.8);
  return card.scrollTop !== before;
}

/** Below the element, or above it if there is no room, or where there is more, and no higher than that; within the window. */
function place(element: HTMLElement): void {
  const around = element.getClientRects()[0] ?? element.getBoundingClientRect();
  card.style.maxHeight = "";
  const { width, height } = card.getBoundingClientRect();
  const [above, below] = [around.top - 14, innerHeight - around.bottom - 14];
  const isBelow = height <= below || (height > above && below > above);
  const most = Math.max(leastHeight, isBelow ? below : above);
  card.style.maxHeight = `${most}px`;
  card.style.left = `${Math.max(8, Math.min(around.left, innerWidth - width - 8))}px`;
  const top = isBelow ? around.bottom + 6 : around.top - 6 - Math.min(height, most);
  card.style.top = `${Math.max(8, Math.min(top, innerHeight - 8 - Math.min(height, most)))}px`;
}

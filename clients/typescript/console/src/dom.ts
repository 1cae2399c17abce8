/** Makes elements. Texts are always text, never markup: answers and recordings come from others. */
type Attribute = string | number | boolean | undefined | ((event: never) => void);
export type Child = Node | string | undefined | false;

/** An element with attributes, listeners (`onclick`) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, Attribute>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }

  fill(element, ...children);
  return element;
}

/** Replaces an element's children. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => child !== undefined && child !== false && child !== ""));
}

/** Sets a text only if it changes, so that a screen reader is not told twice. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** A button of a form that does not submit it. */
export function button(text: string, onclick: () => void, attributes: Readonly<Record<string, Attribute>> = {}): HTMLButtonElement {
  return el("button", { type: "button", onclick, ...attributes }, text);
}

/** A dialog with a title, a body and a button that closes it. */
export function dialog(id: string, title: string, ...body: readonly Child[]): HTMLDialogElement {
  const element: HTMLDialogElement = el("dialog", { id, "aria-labelledby": `${id}-title` },
    el("div", { class: "dialog-head" },
      el("h2", { id: `${id}-title` }, title),
      button("Close", () => element.close(), { class: "quiet" })),
    ...body);
  document.body.append(element);
  return element;
}

/** A colour of the theme in effect. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

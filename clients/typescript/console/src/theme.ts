/** Light, dark, or as the system has it; remembered. */
const key = "seagrpc-theme";
const themes = ["auto", "light", "dark"] as const;
type Theme = (typeof themes)[number];

function stored(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem(key)) ?? "auto";
  } catch {
    return "auto"; // A page from a file may have no storage.
  }
}

/** Applies the remembered theme and makes the control that changes it. */
export function themeChoice(changed: () => void): HTMLSelectElement {
  const select = document.createElement("select");
  select.id = "theme";
  select.setAttribute("aria-label", "Theme");
  select.append(...themes.map((theme) => new Option(theme === "auto" ? "Auto theme" : theme === "light" ? "Light" : "Dark", theme)));
  select.value = stored();
  const apply = (): void => {
    document.documentElement.dataset["theme"] = select.value;
    changed();
  };
  select.addEventListener("change", () => {
    try {
      localStorage.setItem(key, select.value);
    } catch {
      // It lasts as long as the page.
    }

    apply();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  apply();
  return select;
}

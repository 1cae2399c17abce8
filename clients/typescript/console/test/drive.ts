/**
 * Drives the console in a real Chromium. Ends with 0 if it behaves. With DEBUG=pw:browser in the environment it tells what Chromium says.
 *   node drive.mjs SCENARIO '{"console": "http://127.0.0.1:8080/console/", …}'
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";

/** What a scenario is given. */
interface Given {
  /** The page's address. */
  readonly console: string;
  /** The page as a file on the disk. */
  readonly page: string;
  /** Where files are put. */
  readonly folder: string;
  /** The address of a server on another origin that allows this page, and its token. */
  readonly other?: string;
  readonly token?: string;
  /** Where pictures for the documentation are put, if they are wanted. */
  readonly images?: string | null;
}

const kettle = "My kettle is leaking, what can you do?";
const tablet = "I bought this tablet last week and it is dirty.";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const patience = 120_000;
const [, , scenario, json] = process.argv;
const given = JSON.parse(json!) as Given;

const scenarios: Readonly<Record<string, (browser: Browser) => Promise<void>>> = {
  align, compare, replay, cancel, errors, parameters, accessible, narrow,
};

const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  await scenarios[scenario!]!(browser);
} finally {
  await browser.close();
}

/** A prompt gets an answer, charts, figures and marked words that tell what stood there before. */
async function align(all: Browser): Promise<void> {
  const page = await open(all);
  await ask(page, kettle, { seed: "1" });
  await finished(page);
  assert.match(await text(page.locator(".run .answer").first()), /skilled expert/);
  assert.equal(await page.locator(".charts .chart:visible canvas").count(), 3);
  assert.match(await page.locator(".chart .plot").first().getAttribute("aria-label") ?? "", /^Energy by iteration\. A: from \S+ to \S+ in \d+ iterations/);
  assert.match(await text(page.locator(".figures")), /Energy nats.*Reward.*Log-probability/s);
  assert.match(await text(page.locator(".cost")), /iterations · [\d,]+ model tokens · [\d,]+ more for figures by token · [\d.]+ s · seed 1/);

  // By keyboard: a changed word says what the draft had and what that would do to the figures, beside its own figures.
  await scored(page);
  const card = page.locator("#word-card");
  assert.match(await text(card), /Changed: “[^”]+”.*since iteration \d+\..*Instead.*Energy.*Reward.*“\w+” draft\s*[+−]\d.*Token \d+ of \d+.*Likeliest here/s);
  assert.equal(await page.evaluate(() => document.activeElement!.getAttribute("aria-describedby")), "word-card");
  assert.ok(await page.evaluate(() => document.activeElement!.closest("mark") === document.querySelector("mark")), "Tab leads to the first change.");
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "hidden" });
  await page.locator(".change").first().hover();
  await card.waitFor();
  assert.match(await text(card), /Changed: “/);

  // The steps go back to the draft, by keyboard too.
  const slider = page.locator("#step");
  await slider.focus();
  await page.keyboard.press("Home");
  assert.match(await text(page.locator("#step-name")), /start/);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.match(await text(page.locator("#step-name")), /draft/);
  await page.keyboard.press("End");
  assert.match(await text(page.locator("#step-name")), /final/);

  await page.getByText("Figures as a table").click();
  await page.locator(".figures-table:not(.by-token) tbody tr").nth(4).waitFor({ state: "attached", timeout: patience }); // It is drawn after the click.
  await tokens(page);
}

/** Every token of the answer tells its figures, to the pointer and by keyboard, and the answer stays a text. */
async function tokens(page: Page): Promise<void> {
  const answer = page.locator(".card > .answer").first();
  const card = page.locator("#word-card");
  const each = answer.locator(".token");
  const plain = await page.locator(".turns .reply p").last().innerText();
  assert.equal(await answer.innerText(), plain, "Marks and tokens add nothing to the text.");
  assert.equal((await each.allInnerTexts()).join("").replace(/\s/g, ""), plain.replace(/\s/g, ""), "Every character is a token's.");
  assert.equal(await answer.locator('[tabindex="0"]').count(), 1, "The answer is one stop of the Tab key.");

  // From token to token, and from change to change.
  await answer.locator('[tabindex="0"]').focus();
  await page.keyboard.press("Home");
  assert.match(await text(card), /Token 1 of \d+.*Log-probability −?\d.*Gradient norm \d.*Likeliest here.*Log-prob\..*−?\d/s);
  assert.equal(await each.first().getAttribute("aria-describedby"), "word-card");
  await page.keyboard.press("ArrowRight");
  assert.match(await text(card), /Token 2 of/);
  await page.keyboard.press("ArrowLeft");
  assert.match(await text(card), /Token 1 of/);
  await page.keyboard.press("ArrowDown");
  assert.match(await text(card), /Instead.*draft/s);
  await page.keyboard.press("End");
  const [, last, count] = /Token (\d+) of (\d+)/.exec(await text(card)) ?? [];
  assert.equal(last, count);
  await page.keyboard.press("ArrowUp");
  assert.match(await text(card), /Instead.*draft/s);
  const at = page.locator(".card > .answer :focus");
  assert.equal(await at.getAttribute("tabindex"), "0");
  await page.keyboard.press("Tab");
  assert.equal(await at.count(), 0, "One more Tab leaves the answer.");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await at.count(), 1);
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "hidden" });

  // By the pointer, and each piece of a word that is several tokens for itself.
  const own = answer.locator(":scope > .token").nth(2);
  await own.hover();
  await card.getByText("Likeliest here").waitFor();
  assert.match(await text(card), new RegExp(`^“?${(await own.innerText()).replace(/[^\p{L}\p{N}]/gu, "\\$&")}`, "u"));
  assert.equal(await card.locator("tbody tr").count(), 2 + 5, "Two figures and five alternatives.");
  await page.keyboard.press("Escape");

  // A selection with the pointer has the plain text, and no card in its way.
  const [from, to] = await Promise.all([each.nth(1).boundingBox(), each.nth(3).boundingBox()]);
  await page.mouse.move(from!.x + 0.5, from!.y + from!.height / 2);
  await page.mouse.down();
  await page.mouse.move(to!.x + to!.width - 0.5, to!.y + to!.height / 2, { steps: 5 });
  assert.ok(await card.isHidden());
  await page.mouse.up();
  assert.ok(plain.includes(await page.evaluate(() => getSelection()!.toString())));
  assert.ok((await page.evaluate(() => getSelection()!.toString())).includes(await each.nth(2).innerText()));
  await answer.evaluate((element) => getSelection()!.selectAllChildren(element));
  assert.equal(await page.evaluate(() => getSelection()!.toString()), plain);
  await page.evaluate(() => getSelection()!.removeAllRanges());

  await page.locator(".by-token summary").click();
  await page.locator(".by-token tbody tr").first().waitFor();
  assert.equal(String(await page.locator(".by-token tbody tr").count()), count);
  assert.match(await text(page.locator(".by-token tbody tr").first()), /^1 “\S+” −?\d+\.\d\d \d\S* (“.+?” −?\d+\.\d\d(, )?){1,5}/);
  await page.locator(".by-token summary").click();
}

/** Focuses the answer until the card has the scored wordings, which come after the run. */
async function scored(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    document.querySelector<HTMLElement>(".card > .answer [tabindex='0']")!.blur();
    document.querySelector<HTMLElement>(".card > .answer [tabindex='0']")!.focus();
    return /Instead\s*Energy/.test(document.querySelector("#word-card")!.textContent);
  }, undefined, { timeout: patience, polling: 200 });
}

/** Two methods answer one prompt side by side from the same seed. */
async function compare(all: Browser): Promise<void> {
  const page = await open(all);
  await page.getByLabel("Compare with another method").check();
  await page.getByLabel("Method", { exact: true }).selectOption("energy_search");
  await page.getByLabel("Second", { exact: true }).selectOption("best_of_n");
  await ask(page, tablet, { seed: "1" });
  await finished(page, 2);
  assert.deepEqual(await page.locator(".card h3").allInnerTexts(), ["A energy_search", "B best_of_n"]);
  assert.equal(await page.locator(".reply").count(), 2);
  const [first, second] = await page.locator(".card .cost").allInnerTexts();
  assert.match(first!, /seed 1$/);
  assert.match(second!, /seed 1$/);
  assert.match(await page.locator(".chart .plot").first().getAttribute("aria-label") ?? "", /A: from .* B: from /);
  // At one moment: figures that come later draw the cards anew.
  const tops = await page.locator(".card").evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().top));
  assert.equal(tops[0], tops[1], "The two answers stand side by side.");
}

/** A run is saved, and the page shows it again from the disk, without any server. */
async function replay(all: Browser): Promise<void> {
  const page = await open(all);
  await ask(page, kettle, { seed: "1" });
  await finished(page);
  await scored(page);
  await page.keyboard.press("Escape");
  const answer = await text(page.locator(".run .answer").first());
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save run" }).click();
  const file = join(given.folder, "run.jsonl");
  await (await saved).saveAs(file);

  const offline = await open(all, {}, given.page);
  assert.match(await text(offline.locator(".server")), /No server/);
  await offline.context().setOffline(true);
  await offline.locator("#file").setInputFiles(file);
  assert.match(await text(offline.locator(".said")), new RegExp(kettle.replace("?", "\\?")));
  await offline.getByRole("button", { name: "Pause" }).waitFor();
  await finished(offline);
  await offline.getByRole("button", { name: "Play" }).waitFor();
  assert.equal(await text(offline.locator(".run .answer").first()), answer);
  await scored(offline);
  await offline.keyboard.press("Escape");
  await tokens(offline);

  // A file without figures by token, as older ones are, has the marks all the same.
  const older = readFileSync(file, "utf8").trim().split("\n").map((line) => {
    const event = JSON.parse(line) as { final?: { tokenFigures?: unknown } };
    delete event.final?.tokenFigures;
    return JSON.stringify(event);
  }).join("\n");
  const marks = await offline.locator(".change").count();
  await offline.locator("#file").setInputFiles({ name: "older.jsonl", mimeType: "application/x-ndjson", buffer: Buffer.from(older) });
  await offline.getByRole("button", { name: "Pause" }).waitFor();
  await finished(offline);
  await offline.getByRole("button", { name: "Play" }).waitFor();
  assert.equal(await text(offline.locator(".run .answer").first()), answer);
  assert.equal(await offline.locator(".change").count(), marks);
  assert.equal(await offline.locator(".token, .by-token").count(), 0);
  await scored(offline);
  assert.equal(await offline.locator('.card > .answer [tabindex="0"]').count(), 1);
  assert.doesNotMatch(await text(offline.locator("#word-card")), /Token/);
  if (marks > 1) {
    await offline.keyboard.press("ArrowRight");
    assert.ok(await offline.locator(".change").nth(1).evaluate((mark) => mark === document.activeElement));
  }

  await offline.keyboard.press("Escape");

  // Two files are compared, and a file of something else is refused with what to do.
  await offline.locator("#file").setInputFiles([file, file]);
  await finished(offline, 2);
  await offline.locator("#file").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
  assert.match(await text(offline.locator(".problem")), /notes\.txt is not a recorded run/);
}

/** A run that would go on for ever is cancelled and gives its best answer. */
async function cancel(all: Browser): Promise<void> {
  const page = await open(all);
  await ask(page, "Go on for ever", { seed: "9005", method: "sea" });
  await page.waitForFunction(() => /^Iteration \d/.test(document.querySelector(".state")?.textContent ?? ""), undefined, { timeout: patience });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForFunction(() => document.querySelector(".state")?.textContent === "Cancelled: best so far", undefined, { timeout: patience });
  await page.getByRole("button", { name: "Send" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "prompt");
}

/** An error says what to change and leads there. */
async function errors(all: Browser): Promise<void> {
  const page = await open(all);
  await page.getByRole("button", { name: "Connection" }).first().click();
  await page.getByLabel("Server", { exact: true }).fill(given.other!);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  const problem = page.locator(".problem");
  await problem.waitFor();
  assert.match(await text(problem), /needs a token.*SeaGrpc:Security:AuthToken/s);
  await problem.getByRole("button", { name: "Connection" }).click();
  await page.getByLabel("Token", { exact: true }).fill(given.token!);
  await page.keyboard.press("Enter");
  await page.locator(".server .on").waitFor();

  await page.getByLabel("Method", { exact: true }).selectOption("sea");
  await page.getByRole("button", { name: "Parameters of sea" }).click();
  await page.getByLabel("chains", { exact: true }).fill("10000");
  await page.locator("#parameters").getByRole("button", { name: "Close" }).click();
  await ask(page, "Hello", {});
  await page.locator(".card .problem").waitFor();
  assert.match(await text(page.locator(".card .problem")), /refused the request.*spec\.sea\.chains.*64/s);
  await page.locator(".card .problem").getByRole("button", { name: "Change it" }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "chains");
  assert.equal(await page.getByLabel("chains", { exact: true }).getAttribute("aria-invalid"), "true");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Connection" }).first().click();
  await page.getByLabel("Server", { exact: true }).fill("http://127.0.0.1:9");
  await page.keyboard.press("Enter");
  await page.getByText("No server answers").waitFor({ timeout: patience });
}

/** The form of a method has its parameters with their ranges and defaults, and what is set is sent. */
async function parameters(all: Browser): Promise<void> {
  const page = await open(all);
  await page.getByLabel("Method", { exact: true }).selectOption("sea");
  await page.getByRole("button", { name: "Parameters of sea" }).click();
  const chains = page.getByLabel("chains", { exact: true });
  assert.equal(await chains.getAttribute("placeholder"), "1");
  assert.equal(await chains.getAttribute("max"), "64");
  assert.match(await text(page.locator("#help-chains")), /Number of chains\. 1 to 64/);
  await page.getByLabel("preset", { exact: true }).selectOption({ label: "langevin" });
  assert.equal(await chains.getAttribute("placeholder"), "4");
  await page.getByLabel("iterations", { exact: true }).fill("3");
  await page.getByLabel("Find a parameter").fill("embedding");
  assert.ok(await chains.isHidden());
  assert.equal(await text(page.locator(".method-text")), "sea[preset=langevin,iterations=3]");
  await page.locator("#parameters").getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Parameters of sea, 2 set" }).waitFor();
  await ask(page, kettle, { seed: "1" });
  await finished(page);
  assert.match(await text(page.locator(".cost")), /^3 iterations/);
  assert.equal(await page.locator(".charts .chart:visible").count(), 5, "Langevin dynamics has a gradient and a divergence.");
  await page.getByText("Divergence from the policy by token").click();
  assert.ok(await page.locator(".divergence rect").count() > 10);
}

/** No serious violation of WCAG 2.2 A and AA in any state, light and dark. */
async function accessible(all: Browser): Promise<void> {
  const page = await open(all, { colorScheme: "light", viewport: { width: 1280, height: 860 }, deviceScaleFactor: given.images ? 1.5 : 1 });
  await page.evaluate(axe);
  await check(page, "start");
  await page.getByRole("button", { name: "Parameters of" }).click();
  await check(page, "parameters");
  await picture(page, "parameters");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Request" }).click();
  await check(page, "request");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Connection" }).first().click();
  await check(page, "connection");
  await page.keyboard.press("Escape");
  await ask(page, tablet, { seed: "1" });
  await finished(page);
  await scored(page);
  await page.keyboard.press("ArrowDown");
  await picture(page, "light");
  await check(page, "answer", () => picture(page, "dark"));
  await page.locator(".by-token summary").click();
  await page.locator(".by-token tbody tr").first().waitFor();
  await page.locator(".cost").scrollIntoViewIfNeeded();
  await page.locator(".card > .answer [tabindex='0']").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await picture(page, "tokens");
  await check(page, "a token and the table of all", () => picture(page, "tokens-dark"));
  await page.getByText("Draft", { exact: true }).last().click();
  await page.getByText("Figures as a table").click();
  await check(page, "draft and table");
  await page.getByLabel("Compare with another method").check();
  await page.getByLabel("Second", { exact: true }).selectOption("best_of_n");
  await ask(page, tablet, { seed: "1" });
  await finished(page, 2);
  await page.locator(".run").evaluate((run) => run.scrollTo(0, 0));
  await picture(page, "compare");
  await check(page, "comparison");
  await page.locator("#file").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
  await page.locator(".problem").waitFor();
  await check(page, "problem");
}

/** On a narrow screen nothing is cut off and nothing scrolls sideways. */
async function narrow(all: Browser): Promise<void> {
  const page = await open(all, { viewport: { width: 320, height: 800 }, deviceScaleFactor: given.images ? 1.5 : 1 });
  const everyWidth = async (state: string, act?: (width: number) => Promise<void>): Promise<void> => {
    for (const width of [320, 390, 768, 1100]) {
      await page.setViewportSize({ width, height: 800 });
      await act?.(width);
      await fits(page, `${state} at ${width}`);
    }
  };
  await everyWidth("start");
  await page.getByRole("button", { name: "Parameters of" }).click();
  await everyWidth("parameters");
  await page.keyboard.press("Escape");
  await page.getByLabel("Compare with another method").check();
  await page.setViewportSize({ width: 320, height: 800 });
  await ask(page, tablet, { seed: "1" });
  await finished(page, 2);
  await scored(page);
  await everyWidth("comparison");
  await everyWidth("a card", async () => {
    await page.locator("#step").focus();
    await page.locator(".card > .answer [tabindex='0']").first().focus();
    await page.waitForFunction(() => { // Where the focus has scrolled to.
      const card = document.querySelector("#word-card")!.getBoundingClientRect();
      return card.width > 0 && card.left >= 0 && card.top >= 0 && card.right <= innerWidth && card.bottom <= innerHeight;
    });
    await page.keyboard.press("Escape");
  });
  await page.setViewportSize({ width: 390, height: 800 });
  await page.locator(".steps").evaluate((steps) => steps.scrollIntoView({ block: "start" }));
  await picture(page, "narrow");
  await page.locator(".by-token summary").first().click();
  await page.locator(".by-token tbody tr").first().waitFor();
  await everyWidth("the table of tokens");
}

/** Opens the page and waits for its server. A violation of its policy, or an error that nothing catches, is a failure. */
async function open(all: Browser, options: BrowserContextOptions = {}, address = given.console): Promise<Page> {
  const context = await all.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => fail(`The page threw: ${error.stack}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|ERR_|CORS/.test(message.text())) {
      fail(`The page logged: ${message.text()}`);
    }
  });
  await page.goto(address);
  if (address === given.console) {
    await page.locator(".server .on").waitFor();
  }

  return page;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

async function ask(page: Page, prompt: string, { seed, method }: { seed?: string; method?: string }): Promise<void> {
  if (method !== undefined) {
    await page.getByLabel("Method", { exact: true }).selectOption(method);
  }

  if (seed !== undefined) {
    await page.getByRole("button", { name: /^Request/ }).click();
    await page.getByLabel("Seed").fill(seed);
    await page.keyboard.press("Escape");
  }

  await page.getByLabel("Prompt", { exact: true }).fill(prompt);
  await page.getByLabel("Prompt", { exact: true }).press("Enter");
}

/** Waits until every run that is shown has its answer. */
async function finished(page: Page, runs = 1): Promise<void> {
  await page.waitForFunction(
    (count) => document.querySelectorAll(".card").length === count && document.querySelectorAll(".card .cost").length === count,
    runs, { timeout: patience });
}

async function text(locator: Locator): Promise<string> {
  return (await locator.innerText()).replace(/\s+/g, " ").trim();
}

/** Checks a state of a page, into which axe was put, in the light theme and in the dark one, where `dark` may do more. */
async function check(page: Page, state: string, dark?: () => Promise<void>): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))); // It is drawn anew.
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> } })
      .axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
    const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map((node) => `${node.html}\n    ${node.failureSummary}`).join("\n  ")}`);
    if (found.length > 0) {
      fail(`${theme}, ${state}:\n${found.join("\n")}`);
    }
  }

  await dark?.();
  await page.emulateMedia({ colorScheme: "light" });
}

async function fits(page: Page, state: string): Promise<void> {
  for (const part of ["html", ".run"]) {
    const [inner, whole] = await page.locator(part).evaluate((element) => [element.clientWidth, element.scrollWidth] as const);
    assert.ok(whole <= inner, `${state}: ${part} is ${whole} pixels wide in ${inner}`);
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (given.images) {
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(given.images, `console-${name}.png`), animations: "disabled" });
  }
}

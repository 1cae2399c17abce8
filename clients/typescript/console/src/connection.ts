import { type GetServerInfoResponse, ModelRole, type SeaClient, connect } from "./contract.js";
import { dialog, el, fill } from "./dom.js";
import { describe, type Problem } from "./problem.js";

/** Which server is called, and with which token. The token stays in this page's memory. */
export class Connection {
  readonly summary = el("p", { class: "server" }, "Connecting");
  client: SeaClient | undefined;
  info: GetServerInfoResponse | undefined;
  private readonly server = el("input", { id: "server-address", type: "url", autocomplete: "off", spellcheck: "false", placeholder: own() || "http://127.0.0.1:8080" });
  private readonly token = el("input", { id: "server-token", type: "password", autocomplete: "off" });
  private readonly element: HTMLDialogElement;

  constructor(private readonly connected: (info: GetServerInfoResponse) => void, private readonly failed: (problem: Problem) => void) {
    // A token is one server's: another address must not get it.
    this.server.addEventListener("change", () => {
      this.token.value = "";
    });
    this.element = dialog("connection", "Connection",
      el("form", { novalidate: true, onsubmit: (event: SubmitEvent) => this.submit(event) },
        el("div", { class: "field" },
          el("label", { for: "server-address" }, "Server"), this.server,
          el("p", { class: "help" }, own() === "" ? "The address at which a server answers gRPC-Web." : "Empty is the server of this page. Another one must allow this page's origin (SeaGrpc:Transport:WebOrigins).")),
        el("div", { class: "field" },
          el("label", { for: "server-token" }, "Token"), this.token,
          el("p", { class: "help" }, "The bearer token, if the server has one. It is kept until this page closes, and sent to this server alone.")),
        el("div", { class: "actions" }, el("button", { type: "submit", class: "primary" }, "Connect"))));
  }

  get address(): string {
    return this.server.value.trim() || own();
  }

  open(): void {
    this.element.showModal();
  }

  /** Asks the server what it is. */
  async connect(): Promise<void> {
    this.info = undefined;
    if (this.address === "") {
      fill(this.summary, "No server: open a run, or connect");
      return;
    }

    fill(this.summary, `Connecting to ${this.address}`);
    try {
      const token = this.token.value.trim();
      this.client = connect(this.address, token === "" ? {} : { token });
      const info = await this.client.serverInfo({ timeoutMs: 30_000 });
      this.info = info;
      const names = (role: ModelRole): string => info.models.filter((model) => model.role === role).map((model) => model.name).join(", ");
      fill(this.summary, el("span", { class: "dot on", "aria-hidden": "true" }), `${names(ModelRole.POLICY)} with ${names(ModelRole.REWARD)}`,
        el("span", { class: "faint" }, ` ${info.device || "engine"}${info.dtype ? `, ${info.dtype}` : ""}`));
      this.connected(info);
    } catch (error) {
      fill(this.summary, "Not connected");
      this.failed(describe(error, this.address));
    }
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    this.element.close();
    void this.connect();
  }
}

/** The address of the page's own server; empty for a page from a file. */
function own(): string {
  return location.protocol === "file:" ? "" : new URL("..", location.href).href.replace(/\/$/, "");
}

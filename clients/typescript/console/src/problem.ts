import { BusyError, DeadlineExceededError, type FieldViolation, InvalidRequestError, SeaGrpcError, UnauthenticatedError, UnavailableError } from "../../src/web.js";
import { button, el } from "./dom.js";

/** What went wrong, and what to change. */
export interface Problem {
  readonly title: string;
  readonly message: string;
  readonly hint: string;
  readonly violations: readonly FieldViolation[];
  readonly code: string;
  /** What to open: the connection's fields, or nothing. */
  readonly opens: "connection" | undefined;
}

/** Describes an error of a call to an address. */
export function describe(error: unknown, address: string): Problem {
  const common = { message: error instanceof Error ? error.message : String(error), violations: [], code: "", opens: undefined } as const;
  if (!(error instanceof SeaGrpcError)) {
    return { ...common, title: "This did not work", hint: "" };
  }

  const told = { ...common, violations: error.violations, code: error.reason ? `${error.code}, ${error.reason}` : error.code };
  const wait = error.retryAfterMs === undefined ? "" : ` Try again in ${Math.max(1, Math.ceil(error.retryAfterMs / 1000))} s.`;
  if (error instanceof InvalidRequestError) {
    return { ...told, title: "The server refused the request", message: error.violations.length > 0 ? "" : error.message, hint: "Change what is named here and send again." };
  } else if (error instanceof UnauthenticatedError) {
    return { ...told, title: "The server needs a token", hint: "Enter its bearer token (setting SeaGrpc:Security:AuthToken) under Connection.", opens: "connection" };
  } else if (error instanceof UnavailableError && error.reason === "") {
    return {
      ...told, title: "No server answers", opens: "connection",
      hint: `Nobody answers gRPC-Web at ${address || "this address"}. Start the server, check the address under Connection, and if the address is not this page's own, add this page's origin to the server's SeaGrpc:Transport:WebOrigins.`,
    };
  } else if (error instanceof UnavailableError) {
    return { ...told, title: "The server does not take calls now", hint: error.reason === "LOADING" ? `It is loading its models.${wait}` : wait.trim() };
  } else if (error instanceof BusyError) {
    return { ...told, title: "The server is busy", hint: `Others are using it.${wait}` };
  } else if (error instanceof DeadlineExceededError) {
    return { ...told, title: "Time was up before there was an answer", hint: "Give it a longer time limit under Request, or fewer iterations." };
  } else if (error.code === "PERMISSION_DENIED") {
    return { ...told, title: "The server refuses calls from this page", hint: "Its operator can add this page's origin to SeaGrpc:Transport:WebOrigins.", opens: "connection" };
  }

  return { ...told, title: error.code === "INTERNAL" ? "The server failed" : "The call failed", hint: error.code === "INTERNAL" ? "Its log says more." : "" };
}

/** Shows it. `change` takes a person to the field of a violation, if the page has one. */
export function problemBox(problem: Problem, change: (field: string) => (() => void) | undefined, connect: () => void): HTMLElement {
  return el("div", { class: "problem", role: "alert" },
    el("p", { class: "problem-title" }, problem.title),
    problem.message !== "" && el("p", {}, problem.message),
    problem.violations.length > 0 && el("ul", {}, ...problem.violations.map((violation) => {
      const go = change(violation.field);
      return el("li", {}, el("code", {}, violation.field || "request"), ` ${violation.description} `, go && button("Change it", go, { class: "link" }));
    })),
    problem.hint !== "" && el("p", {}, problem.hint),
    problem.opens === "connection" && button("Connection", connect),
    problem.code !== "" && el("p", { class: "faint" }, problem.code));
}

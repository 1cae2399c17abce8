/** Runs one conformance case in a page. */
import { connect } from "../src/web.js";
import { type Case, observe } from "./observe.js";

declare global {
  interface Window {
    observe: (each: Case) => Promise<unknown>;
  }
}

window.observe = (each) => observe(each, ({ server, token, attempts }) => connect(server, {
  ...(token === undefined ? {} : { token }),
  ...(attempts === undefined ? {} : { retries: { maxAttempts: attempts } }),
}));

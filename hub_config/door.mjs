// The door of the proxy, loaded into it before it starts (node --import). It sees every request first and every answer
// last, also those that neither hub nor workspace knows of: the proxy's own errors and health page.
//
// - What a visitor claims about the way here (X-Forwarded-*, Forwarded) is removed unless a trusted TLS proxy sent it.
// - With TLS in front, nobody but the trusted proxy is answered, and only what it received over TLS.
// - An answer that lacks a security header gets it. What the answering part has set stays as it is.

import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { ConfigurableProxy } from "configurable-http-proxy";

const settings = JSON.parse(readFileSync(new URL(import.meta.url).searchParams.get("settings"), "utf8"));
const CLAIMS = /^(?:x-forwarded-.*|forwarded|x-real-ip|x-scheme)$/;
const REFUSAL = "Halftide is reached over TLS, through the proxy in front of it. Open its https address.\n";

function isTrusted(request) {
  const address = (request.socket.remoteAddress || "").replace(/^::ffff:/, "");
  return settings.trusted.includes(address);
}

function dropClaims(request) {
  for (const name of Object.keys(request.headers).filter((name) => CLAIMS.test(name))) delete request.headers[name];
}

/** Whether this request may come in; what it claims wrongly is gone afterwards. */
function mayPass(request) {
  if (settings.behindProxy && isTrusted(request)) {
    return (request.headers["x-forwarded-proto"] || "").split(",").pop().trim() === "https";
  }
  dropClaims(request);
  return !settings.behindProxy;
}

function missing(has, status) {
  const wanted = Object.entries(settings.headers).filter(([name]) => !has(name));
  // a 304 that forbids storing would throw away what the browser was just told to keep
  return wanted.filter(([name]) => !(status === 304 && name.toLowerCase() === "cache-control"));
}

/** Let the answer's own headers stand, and add those that it lacks at the moment they are sent. */
function complete(response) {
  const writeHead = response.writeHead;
  response.writeHead = function (status, ...rest) {
    const own = rest.find((one) => one && typeof one === "object") || {};
    const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
    const has = (name) => this.hasHeader(name) || names.has(name.toLowerCase());
    if (!this.headersSent) for (const [name, value] of missing(has, status)) this.setHeader(name, value);
    return writeHead.call(this, status, ...rest);
  };
}

/** A whole answer on the bare socket of a websocket that does not come to be. */
function hangUp(socket, status, text = "") {
  const headers = { ...settings.headers, "Content-Length": Buffer.byteLength(text), Connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", text].join("\r\n"));
}

const { handleProxyWeb, handleProxyWs, handleProxyError } = ConfigurableProxy.prototype;

ConfigurableProxy.prototype.handleProxyWeb = function (request, response) {
  complete(response);
  if (mayPass(request)) return handleProxyWeb.call(this, request, response);
  response.writeHead(403, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(REFUSAL);
};

ConfigurableProxy.prototype.handleProxyWs = function (request, socket, head) {
  if (mayPass(request)) return handleProxyWs.call(this, request, socket, head);
  hangUp(socket, 403, REFUSAL);
};

ConfigurableProxy.prototype.handleProxyError = function (code, kind, request, response, error) {
  if (kind !== "ws" || !response) return handleProxyError.call(this, code, kind, request, response, error);
  this.log.error("%s %s (websocket) %s", code, request.method, error ? error.code || "" : "");
  if (!response.writableEnded) hangUp(response, code);
};

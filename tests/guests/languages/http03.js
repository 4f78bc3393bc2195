// A handler of WASI 0.3, made with componentize-qjs. Its paths are those of tests/guests/http/wstd, except for /wait and
// /parts: the world has no clock, because componentize-qjs cannot import `async` functions.
import { Fields, Request, Response } from "wasi:http/types@0.3.0";

const encode = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const trailers = (promise) => wit.Future.from(promise, wit.Future.RESULT_OPTION_OTHER_ERROR_CODE).readable;
const ok = (val = null) => ({ tag: "ok", val });

function respond(chunks, { status = 200, fields = [], end = ok() } = {}) {
  const [response] = Response.new(Fields.fromList(fields), chunks, trailers(end));
  response.setStatusCode(status);
  return response;
}

async function* lines(...texts) {
  for (const text of texts) yield encode(text);
}

function echo(request) {
  const [body] = Request.consumeBody(request, wit.Future.from(ok(), wit.Future.RESULT_VOID_ERROR_CODE).readable);
  return (async function* () {
    for await (const chunk of body) yield chunk;
  })();
}

export const handler = {
  async handle(request) {
    switch (request.getPathWithQuery()) {
      case "/":
        return respond(lines("hello from http03.js\n"));
      case "/echo":
        return respond(echo(request));
      case "/headers":
        return respond(null, { fields: request.getHeaders().copyAll().filter(([name]) => name !== "content-length") });
      case "/fail":
        throw { tag: "internal-error", val: "no response today" };
      case "/fail-body":
        return respond(lines(), { end: { tag: "err", val: { tag: "internal-error", val: "no body today" } } });
      default:
        return respond(null, { status: 404 });
    }
  },
};

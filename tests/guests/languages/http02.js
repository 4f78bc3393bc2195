// A handler of WASI 0.2, as a listener of fetch events. Its paths are those of tests/guests/http/wstd.
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const encode = (text) => new TextEncoder().encode(text);

function parts() {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent === 5) return controller.close();
      await sleep(50);
      controller.enqueue(encode(`part ${sent++}\n`));
    },
  });
}

async function answer(request) {
  switch (new URL(request.url).pathname) {
    case "/":
      return new Response("hello from http02.js\n");
    case "/echo":
      return new Response(request.body);
    case "/headers":
      return new Response(null, { headers: [...request.headers].filter(([name]) => name !== "content-length") });
    case "/wait":
      await sleep(300);
      return new Response("waited\n");
    case "/parts":
      return new Response(parts());
    case "/fail":
      throw new Error("no response today");
    case "/fail-body":
      return new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("no body today")) }));
    default:
      return new Response(null, { status: 404 });
  }
}

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

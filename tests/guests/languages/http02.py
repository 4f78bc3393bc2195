# A handler of WASI 0.2. Its paths are those of tests/guests/http/wstd.
import asyncio
from componentize_py_types import Err, Ok
from poll_loop import PollLoop, Sink, Stream, register
from wit_world.imports import monotonic_clock
from wit_world.imports.types import ErrorCode_InternalError, Fields, OutgoingResponse, ResponseOutparam

MILLISECOND = 1_000_000


async def sleep(milliseconds):
    await register(asyncio.get_event_loop(), monotonic_clock.subscribe_duration(milliseconds * MILLISECOND))


def respond(out, status=200, fields=()):
    """Returns the body of the response."""
    response = OutgoingResponse(Fields.from_list(list(fields)))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(out, Ok(response))
    return Sink(body)


async def answer(request, out):
    path = request.path_with_query().split("?")[0]
    if path == "/fail":
        ResponseOutparam.set(out, Err(ErrorCode_InternalError("no response today")))
        return
    fields = request.headers().entries()
    if path == "/headers":
        respond(out, 200, [pair for pair in fields if pair[0] != "content-length"]).close()
        return
    if path not in ("/", "/echo", "/wait", "/parts", "/fail-body"):
        respond(out, 404).close()
        return
    if path == "/wait":
        await sleep(300)
    sink = respond(out)
    if path == "/":
        await sink.send(b"hello from http02.py\n")
    elif path == "/wait":
        await sink.send(b"waited\n")
    elif path == "/echo":
        stream = Stream(request.consume())
        while chunk := await stream.next():
            await sink.send(chunk)
    elif path == "/parts":
        for sent in range(5):
            await sleep(50)
            await sink.send(b"part %d\n" % sent)
    elif path == "/fail-body":
        raise RuntimeError("no body today")
    sink.close()


class IncomingHandler:
    def handle(self, request, response_out):
        loop = PollLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(answer(request, response_out))

# A handler of WASI 0.3. Its paths are those of tests/guests/http/wstd.
import wit_world
import wit_world.exports
from componentize_py_async_support import spawn
from componentize_py_types import Err, Ok
from wit_world.imports import monotonic_clock
from wit_world.imports.wasi_http_types import ErrorCode_InternalError, Fields, Request, Response

MILLISECOND = 1_000_000


# Pairs of a writer and a reader.
make_trailers = wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future
make_end = wit_world.result_unit_wasi_http_types_error_code_future


async def write(writer, chunks):
    with writer:
        async for chunk in chunks:
            await writer.write_all(chunk)


async def end_after(writer, end, chunks):
    try:
        await write(writer, chunks)
    except Exception as error:
        await end.write(Err(ErrorCode_InternalError(str(error))))
    else:
        await end.write(Ok(None))


def respond(chunks, status=200, fields=()):
    writer, reader = wit_world.byte_stream()
    end, ended = make_trailers(lambda: Ok(None))
    response = Response.new(Fields.from_list(list(fields)), reader, ended)[0]
    response.set_status_code(status)
    spawn(end_after(writer, end, chunks))
    return response


async def one(text):
    yield text


async def none():
    return
    yield


async def echo(request):
    ended = make_end(lambda: Ok(None))[1]
    reader, _ = Request.consume_body(request, ended)
    with reader:
        while not reader.writer_dropped:
            yield await reader.read(16384)


async def parts():
    for sent in range(5):
        await monotonic_clock.wait_for(50 * MILLISECOND)
        yield b"part %d\n" % sent


async def fail():
    raise RuntimeError("no body today")
    yield


class Handler(wit_world.exports.Handler):
    async def handle(self, request):
        path = (request.get_path_with_query() or "/").split("?")[0]
        if path == "/":
            return respond(one(b"hello from http03.py\n"))
        if path == "/echo":
            return respond(echo(request))
        if path == "/headers":
            fields = request.get_headers().copy_all()
            return respond(none(), 200, [pair for pair in fields if pair[0] != "content-length"])
        if path == "/wait":
            await monotonic_clock.wait_for(300 * MILLISECOND)
            return respond(one(b"waited\n"))
        if path == "/parts":
            return respond(parts())
        if path == "/fail":
            raise Err(ErrorCode_InternalError("no response today"))
        if path == "/fail-body":
            return respond(fail())
        return respond(none(), 404)

// Requests and responses of the program, as the engine has them, and its handlers.
//
//   tenon::HttpRequest    <->  engine::HttpMessage  <->  connections, guests
//
// A body of the program is one of the engine, so passing it on copies nothing. Thread: that of the composition.
#pragma once

#include <memory>

#include "runtime/program_http.h"
#include "tenon/http.h"

namespace tenon::http {

using Composition = std::weak_ptr<runtime::Owner>;

// composition: in which the body of the message is read and written. Errors: http-message (the scheme, or a body that
// was sent before).
[[nodiscard]] Result<engine::HttpMessage> to_message(HttpRequest request,
                                                     const Composition& composition);
[[nodiscard]] Result<engine::HttpMessage> to_message(HttpResponse response,
                                                     const Composition& composition);
// fate: of the call that writes the body; can be null.
[[nodiscard]] HttpRequest to_request(engine::HttpMessage message, const Composition& composition);
[[nodiscard]] HttpResponse to_response(engine::HttpMessage message, const Composition& composition,
                                       runtime::HttpFatePtr fate);

// The response, when it has come.
[[nodiscard]] Task<CallResult<HttpResponse>> receive(runtime::ReceiveResponse response,
                                                     Composition composition);

// A handler as the rest of the library calls it.
[[nodiscard]] runtime::ProgramHandler adapt_handler(HttpHandlerFunction handler,
                                                    Composition composition);

// A failure that is the program's own mistake.
[[nodiscard]] CallFailure refuse_call(Diagnostics problems);

}  // namespace tenon::http

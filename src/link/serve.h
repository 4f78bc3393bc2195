// Serves the exports of a running composition to peers, and lets it answer HTTP requests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/server.h"
#include "link/running.h"
#include "remote/server.h"
#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::link {

struct Serving {
  std::unique_ptr<remote::Server> server;  // null: no address for peers was given
  std::unique_ptr<http::Server> http;      // null: no address for HTTP was given
  std::vector<std::string> addresses;
  std::vector<ServedItem> functions;
};

// Listens at all addresses. Thread: that of the composition.
// Errors: remote-address, remote-listen, remote-type (nothing can be served), config-value (a name in
// `only` that matches no export); http-address, http-handler.
[[nodiscard]] Result<Serving> serve(Running& running, const ServeOptions& options);

}  // namespace tenon::link

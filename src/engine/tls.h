// Encryption of the engine's HTTP connections.
#pragma once

#include <functional>
#include <memory>

#include "tenon/result.h"
#include "tls/tls.h"

namespace tenon::engine {

// Gives the context of new connections, on any thread. A failure is that of the connection.
using FindTls = std::function<Result<std::shared_ptr<const tls::TlsContext>>()>;

// Move-only. Connections that use it may outlive it. Thread: any.
class Tls final {
 public:
  struct Impl;

  // find: called for each connection, so that contexts can be made late, or replaced.
  explicit Tls(FindTls find);
  Tls(Tls&&) noexcept;
  Tls& operator=(Tls&&) noexcept;
  ~Tls();

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine

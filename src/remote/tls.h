// Encrypts connections with TLS 1.2 or 1.3. OpenSSL is loaded at the first use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::remote {

// The keys and settings of a client or a server. Immutable; threads may share it.
class TlsContext {
 public:
  TlsContext() = default;
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  virtual ~TlsContext() = default;

  // Makes the context of a client. host: the name or IP address for which the server needs a
  // certificate.
  // Errors: remote-tls: OpenSSL is missing, or a file cannot be used.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> of_client(
      const TlsOptions& options, const std::string& host);
  // Makes the context of a server, which needs a certificate and its key. With `ca`, clients need a
  // certificate too. Errors: the same.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> of_server(
      const TlsOptions& options);
};

// TLS on a socket that does not block.
class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  virtual ~TlsSession() = default;

  // Lifetime: the socket must stay open.
  [[nodiscard]] static std::unique_ptr<TlsSession> make(std::shared_ptr<const TlsContext> context,
                                                        int socket);

  struct Outcome {
    enum class Kind : std::uint8_t {
      Done,
      NeedsData,  // goes on when the socket can be read
      NeedsRoom,  // goes on when it can be written
      End,        // the peer has ended its direction
      Failure,    // see `failure`
    } kind = Kind::Done;
    std::size_t size = 0;  // Done: the bytes that were moved
  };
  [[nodiscard]] virtual Outcome read(std::span<std::uint8_t> to) = 0;
  // from: not empty; after an outcome other than Done, the same bytes again.
  [[nodiscard]] virtual Outcome write(std::span<const std::uint8_t> from) = 0;
  // Ends this direction.
  [[nodiscard]] virtual Outcome finish() = 0;
  // The reason: "the certificate is not trusted: self-signed certificate".
  [[nodiscard]] virtual const std::string& failure() const = 0;
};

}  // namespace tenon::remote

// Encrypts connections with TLS 1.2 or 1.3. OpenSSL is loaded at the first use.
//
//   TENON_TRY(const std::shared_ptr<const TlsContext> context, TlsContext::of_client(options));
//   const std::unique_ptr<TlsSession> session = TlsSession::connect(context, transport, "example.com");
//   session->handshake();   // and again when the transport is ready, as long as it needs data or room
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::tls {

// The keys and settings of a client or a server. Immutable; threads may share it.
class TlsContext {
 public:
  TlsContext() = default;
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  virtual ~TlsContext() = default;

  // Makes the context of a client. protocols: what it offers to speak (ALPN), best first, such as
  // "h2" and "http/1.1"; empty: nothing is negotiated.
  // Errors: remote-tls: OpenSSL is missing, or a file cannot be used.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> of_client(
      const TlsOptions& options, std::span<const std::string_view> protocols = {});
  // Makes the context of a server, which needs a certificate and its key. With `ca`, clients need a
  // certificate too. protocols: what it speaks, best first; a client that offers none of them, or
  // nothing, is accepted. Errors: the same.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> of_server(
      const TlsOptions& options, std::span<const std::string_view> protocols = {});
};

// What carries the encrypted bytes. Both functions return the number of bytes that were moved. On
// failure, they return -1 and set errno: EAGAIN if the transport is not ready, and the reason otherwise.
class TlsTransport {
 public:
  TlsTransport() = default;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;
  virtual ~TlsTransport() = default;

  // 0: the peer has ended its direction.
  [[nodiscard]] virtual ssize_t receive(std::span<std::uint8_t> to) = 0;
  [[nodiscard]] virtual ssize_t send(std::span<const std::uint8_t> from) = 0;
};

// A socket that does not block. Lifetime: it must stay open.
class TlsSocket final : public TlsTransport {
 public:
  explicit TlsSocket(int socket) : socket_(socket) {}
  ssize_t receive(std::span<std::uint8_t> to) override;
  ssize_t send(std::span<const std::uint8_t> from) override;

 private:
  int socket_;
};

struct TlsFailure {
  enum class Kind : std::uint8_t {
    Transport,    // the connection failed, or ended too early
    Certificate,  // the peer's is not accepted
    Alert,        // the peer refused
    Protocol,
  } kind = Kind::Protocol;
  std::optional<std::uint8_t> alert = {};  // its number
  std::string text = {};  // "its certificate is not trusted: self-signed certificate"
};

// TLS over a transport. Thread: one at a time.
class TlsSession {
 public:
  TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  virtual ~TlsSession() = default;

  // The side of the client. host: the name or IP address for which the server needs a certificate.
  [[nodiscard]] static std::unique_ptr<TlsSession> connect(
      std::shared_ptr<const TlsContext> context, std::unique_ptr<TlsTransport> transport,
      const std::string& host);
  // The side of the server.
  [[nodiscard]] static std::unique_ptr<TlsSession> accept(std::shared_ptr<const TlsContext> context,
                                                          std::unique_ptr<TlsTransport> transport);

  struct Outcome {
    enum class Kind : std::uint8_t {
      Done,
      NeedsData,  // goes on when the transport can be read
      NeedsRoom,  // goes on when it can be written
      End,        // the peer has ended its direction
      Failure,    // see `failure`
    } kind = Kind::Done;
    std::size_t size = 0;  // Done: the bytes that were moved
  };
  // Not required: reading and writing begin with it.
  [[nodiscard]] virtual Outcome handshake() = 0;
  [[nodiscard]] virtual Outcome read(std::span<std::uint8_t> to) = 0;
  // from: not empty; after an outcome other than Done, the same bytes again.
  [[nodiscard]] virtual Outcome write(std::span<const std::uint8_t> from) = 0;
  // Ends this direction.
  [[nodiscard]] virtual Outcome finish() = 0;
  [[nodiscard]] virtual const TlsFailure& failure() const = 0;
  // What both sides agreed to speak; empty if nothing, or before the handshake.
  [[nodiscard]] virtual std::string_view protocol() const = 0;
};

}  // namespace tenon::tls

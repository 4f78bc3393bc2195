#include "engine/tls.h"

#include <new>
#include <string>
#include <utility>

#include "engine/seam.h"

namespace tenon::engine {

namespace {

class Transport final : public tls::TlsTransport {
 public:
  explicit Transport(const tnengine_tls_transport_t& transport) : transport_(transport) {}
  ssize_t receive(std::span<std::uint8_t> to) override {
    return transport_.receive(transport_.env, to.data(), to.size());
  }
  ssize_t send(std::span<const std::uint8_t> from) override {
    return transport_.send(transport_.env, from.data(), from.size());
  }

 private:
  tnengine_tls_transport_t transport_;
};

// A session, or the reason why there is none.
struct Session {
  std::unique_ptr<tls::TlsSession> tls;
  std::string problem;
};

Session& session_of(void* session) { return *static_cast<Session*>(session); }

std::unique_ptr<Session> open_session(const FindTls& find,
                                      const tnengine_tls_transport_t& transport,
                                      const std::string& host) {
  Result<std::shared_ptr<const tls::TlsContext>> context = find();
  if (!context) return std::make_unique<Session>(nullptr, context.error().front().message);
  auto io = std::make_unique<Transport>(transport);
  return std::make_unique<Session>(
      host.empty() ? tls::TlsSession::accept(*std::move(context), std::move(io))
                   : tls::TlsSession::connect(*std::move(context), std::move(io), host),
      std::string());
}

std::uint8_t to_outcome(tls::TlsSession::Outcome::Kind kind) {
  switch (kind) {
    case tls::TlsSession::Outcome::Kind::Done:
      return TNENGINE_TLS_DONE;
    case tls::TlsSession::Outcome::Kind::NeedsData:
      return TNENGINE_TLS_NEEDS_DATA;
    case tls::TlsSession::Outcome::Kind::NeedsRoom:
      return TNENGINE_TLS_NEEDS_ROOM;
    case tls::TlsSession::Outcome::Kind::End:
      return TNENGINE_TLS_END;
    case tls::TlsSession::Outcome::Kind::Failure:
      break;
  }
  return TNENGINE_TLS_FAILURE;
}

std::uint8_t to_kind(tls::TlsFailure::Kind kind) {
  switch (kind) {
    case tls::TlsFailure::Kind::Transport:
      return TNENGINE_TLS_FAILURE_TRANSPORT;
    case tls::TlsFailure::Kind::Certificate:
      return TNENGINE_TLS_FAILURE_CERTIFICATE;
    case tls::TlsFailure::Kind::Alert:
      return TNENGINE_TLS_FAILURE_ALERT;
    case tls::TlsFailure::Kind::Protocol:
      break;
  }
  return TNENGINE_TLS_FAILURE_PROTOCOL;
}

template <class Step>
std::uint8_t run(void* session, std::size_t* moved, Step step) {
  const std::unique_ptr<tls::TlsSession>& tls = session_of(session).tls;
  if (tls == nullptr) return TNENGINE_TLS_FAILURE;
  try {
    const tls::TlsSession::Outcome outcome = step(*tls);
    if (moved != nullptr) *moved = outcome.size;
    return to_outcome(outcome.kind);
  } catch (const std::bad_alloc&) {
    return TNENGINE_TLS_FAILURE;
  }
}

// Shared by all connections for which there was no memory. Its text is short, so it needs none itself.
Session& no_memory() {
  static Session failed = {nullptr, std::string(kOutOfMemory)};
  return failed;
}

extern "C" {

void* tenon_tls_open(void* env, const tnengine_tls_transport_t* transport,
                     const tnengine_slice_t* host) noexcept {
  try {
    return open_session(*static_cast<FindTls*>(env), *transport, std::string(to_text(*host)))
        .release();
  } catch (const std::bad_alloc&) {
    return &no_memory();
  }
}

std::uint8_t tenon_tls_handshake(void* session) noexcept {
  return run(session, nullptr, [](tls::TlsSession& tls) { return tls.handshake(); });
}

std::uint8_t tenon_tls_read(void* session, std::uint8_t* to, std::size_t size,
                            std::size_t* moved) noexcept {
  return run(session, moved, [&](tls::TlsSession& tls) { return tls.read({to, size}); });
}

std::uint8_t tenon_tls_write(void* session, const std::uint8_t* from, std::size_t size,
                             std::size_t* moved) noexcept {
  return run(session, moved, [&](tls::TlsSession& tls) { return tls.write({from, size}); });
}

std::uint8_t tenon_tls_finish(void* session) noexcept {
  return run(session, nullptr, [](tls::TlsSession& tls) { return tls.finish(); });
}

void tenon_tls_failure(void* session, tnengine_tls_failure_t* failure) noexcept {
  const Session& failed = session_of(session);
  if (failed.tls == nullptr) {
    *failure = {TNENGINE_TLS_FAILURE_SETUP, -1, to_slice(failed.problem)};
    return;
  }
  const tls::TlsFailure& why = failed.tls->failure();
  const auto alert = static_cast<std::int16_t>(why.alert ? *why.alert : -1);
  *failure = {to_kind(why.kind), alert, to_slice(why.text)};
}

bool tenon_tls_speaks_http2(void* session) noexcept {
  const std::unique_ptr<tls::TlsSession>& tls = session_of(session).tls;
  return tls != nullptr && tls->protocol() == "h2";
}

void tenon_tls_close(void* session) noexcept {
  if (session != &no_memory()) delete &session_of(session);
}

void tenon_tls_release(void* env) noexcept { delete static_cast<FindTls*>(env); }
}

}  // namespace

Tls::Tls(FindTls find) : impl_(std::make_unique<Impl>()) {
  const tnengine_tls_callbacks_t callbacks = {
      .open = tenon_tls_open,
      .handshake = tenon_tls_handshake,
      .read = tenon_tls_read,
      .write = tenon_tls_write,
      .finish = tenon_tls_finish,
      .failure = tenon_tls_failure,
      .speaks_http2 = tenon_tls_speaks_http2,
      .close = tenon_tls_close,
      .release = tenon_tls_release,
      .env = std::make_unique<FindTls>(std::move(find)).release()};
  impl_->handle.reset(tnengine_tls_new(&callbacks));
}
Tls::Tls(Tls&&) noexcept = default;
Tls& Tls::operator=(Tls&&) noexcept = default;
Tls::~Tls() = default;

}  // namespace tenon::engine

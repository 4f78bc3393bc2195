#include "tls/tls.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/system_library.h"
#include "support/try.h"

namespace tenon::tls {

namespace {

#define TENON_TLS_FUNCTIONS(X)          \
  X(BIO_clear_flags)                    \
  X(BIO_get_data)                       \
  X(BIO_meth_new)                       \
  X(BIO_meth_set_ctrl)                  \
  X(BIO_meth_set_read)                  \
  X(BIO_meth_set_write)                 \
  X(BIO_new)                            \
  X(BIO_set_data)                       \
  X(BIO_set_flags)                      \
  X(BIO_set_init)                       \
  X(ERR_clear_error)                    \
  X(ERR_peek_error)                     \
  X(ERR_reason_error_string)            \
  X(OPENSSL_init_crypto)                \
  X(SSL_CTX_check_private_key)          \
  X(SSL_CTX_ctrl)                       \
  X(SSL_CTX_free)                       \
  X(SSL_CTX_load_verify_file)           \
  X(SSL_CTX_new)                        \
  X(SSL_CTX_set_alpn_protos)            \
  X(SSL_CTX_set_alpn_select_cb)         \
  X(SSL_CTX_set_default_verify_paths)   \
  X(SSL_CTX_set_session_id_context)     \
  X(SSL_CTX_set_verify)                 \
  X(SSL_CTX_use_PrivateKey_file)        \
  X(SSL_CTX_use_certificate_chain_file) \
  X(SSL_ctrl)                           \
  X(SSL_do_handshake)                   \
  X(SSL_free)                           \
  X(SSL_get0_alpn_selected)             \
  X(SSL_get0_param)                     \
  X(SSL_get_error)                      \
  X(SSL_get_verify_result)              \
  X(SSL_new)                            \
  X(SSL_read)                           \
  X(SSL_select_next_proto)              \
  X(SSL_set_accept_state)               \
  X(SSL_set_bio)                        \
  X(SSL_set_connect_state)              \
  X(SSL_shutdown)                       \
  X(SSL_write)                          \
  X(TLS_client_method)                  \
  X(TLS_server_method)                  \
  X(X509_VERIFY_PARAM_set1_host)        \
  X(X509_VERIFY_PARAM_set1_ip_asc)      \
  X(X509_verify_cert_error_string)

struct OpenSsl {
#define TENON_TLS_MEMBER(name) decltype(&::name) name = nullptr;
  TENON_TLS_FUNCTIONS(TENON_TLS_MEMBER)  // NOLINT(readability-identifier-naming)
#undef TENON_TLS_MEMBER
  BIO_METHOD* transport_method = nullptr;
};

int finish_io(const OpenSsl& ssl, BIO* bio, ssize_t moved, int retry) {
  ssl.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    ssl.BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(moved);
}

const OpenSsl& openssl();

extern "C" int tenon_tls_bio_write(BIO* bio, const char* data, int size) {
  const OpenSsl& ssl = openssl();
  auto& transport = *static_cast<TlsTransport*>(ssl.BIO_get_data(bio));
  const std::span from(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  return finish_io(ssl, bio, transport.send(from), BIO_FLAGS_WRITE);
}

extern "C" int tenon_tls_bio_read(BIO* bio, char* data, int size) {
  const OpenSsl& ssl = openssl();
  auto& transport = *static_cast<TlsTransport*>(ssl.BIO_get_data(bio));
  const std::span to(reinterpret_cast<std::uint8_t*>(data), static_cast<std::size_t>(size));
  return finish_io(ssl, bio, transport.receive(to), BIO_FLAGS_READ);
}

extern "C" long tenon_tls_bio_ctrl(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

Result<OpenSsl, std::string> load_openssl() {
  static const std::array<std::string, 1> kNames = {"libssl.so.3"};
  TENON_TRY(SystemLibrary library, SystemLibrary::load(kNames));
  OpenSsl ssl;
#define TENON_TLS_FIND(name) library.find(ssl.name, #name);
  TENON_TLS_FUNCTIONS(TENON_TLS_FIND)
#undef TENON_TLS_FIND
  TENON_TRY_VOID(library.check());
  // Threads of the engine can use it until the very end of the process.
  ssl.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  ssl.transport_method = ssl.BIO_meth_new(BIO_TYPE_SOURCE_SINK, "tenon transport");
  ssl.BIO_meth_set_write(ssl.transport_method, tenon_tls_bio_write);
  ssl.BIO_meth_set_read(ssl.transport_method, tenon_tls_bio_read);
  ssl.BIO_meth_set_ctrl(ssl.transport_method, tenon_tls_bio_ctrl);
  return ssl;
}

const Result<OpenSsl, std::string>& loaded() {
  // Never deleted, for the same reason.
  static const auto* const library = new Result<OpenSsl, std::string>(load_openssl());
  return *library;
}

// REQUIRES: it is loaded
const OpenSsl& openssl() { return *loaded(); }

// Takes the first error of the thread: OpenSSL's message, or the system's for a system error.
std::string take_error() {
  const OpenSsl& ssl = openssl();
  const unsigned long error = ssl.ERR_peek_error();
  if (ERR_SYSTEM_ERROR(error)) {
    ssl.ERR_clear_error();
    return describe_error(ERR_GET_REASON(error));
  }
  const char* const reason = ssl.ERR_reason_error_string(error);
  ssl.ERR_clear_error();
  return reason == nullptr ? std::string("unknown error") : std::string(reason);
}

class Context final : public TlsContext {
 public:
  Context(std::vector<unsigned char> protocols, const SSL_METHOD* method)
      : context_(openssl().SSL_CTX_new(method)), protocols_(std::move(protocols)) {}
  ~Context() override { openssl().SSL_CTX_free(context_); }

  [[nodiscard]] SSL_CTX* get() const { return context_; }
  // As they are sent: each with its length before it.
  [[nodiscard]] const std::vector<unsigned char>& protocols() const { return protocols_; }

 private:
  SSL_CTX* context_;
  std::vector<unsigned char> protocols_;
};

extern "C" int tenon_tls_select_protocol(SSL* /*session*/, const unsigned char** selected,
                                         unsigned char* size, const unsigned char* offered,
                                         unsigned int offered_size, void* context) {
  const std::vector<unsigned char>& own = static_cast<const Context*>(context)->protocols();
  unsigned char* found = nullptr;
  const int outcome = openssl().SSL_select_next_proto(
      &found, size, own.data(), static_cast<unsigned int>(own.size()), offered, offered_size);
  *selected = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void set_protocols(const Context& context, bool is_client) {
  const std::vector<unsigned char>& protocols = context.protocols();
  if (protocols.empty()) return;
  const OpenSsl& ssl = openssl();
  if (is_client)
    ssl.SSL_CTX_set_alpn_protos(context.get(), protocols.data(),
                                static_cast<unsigned int>(protocols.size()));
  else
    ssl.SSL_CTX_set_alpn_select_cb(context.get(), tenon_tls_select_protocol,
                                   const_cast<Context*>(&context));
}

std::vector<unsigned char> encode(std::span<const std::string_view> protocols) {
  std::vector<unsigned char> bytes;
  for (const std::string_view name : protocols) {
    bytes.push_back(static_cast<unsigned char>(name.size()));
    bytes.insert(bytes.end(), name.begin(), name.end());
  }
  return bytes;
}

Diagnostic refuse(std::string message, std::string hint) {
  Diagnostic problem = make_diagnostic(Code::RemoteTls, "{}", message);
  problem.hints.push_back(std::move(hint));
  return problem;
}

enum class Side : std::uint8_t { Client, Server };

Result<std::shared_ptr<Context>> make_context(const TlsOptions& options, Side side,
                                              std::span<const std::string_view> protocols) {
  const bool is_client = side == Side::Client;
  if (!loaded())
    return refuse("connections cannot be encrypted: " + loaded().error(),
                  "install OpenSSL 3: `apt-get install libssl3` on Debian and Ubuntu");
  const OpenSsl& ssl = openssl();
  ssl.ERR_clear_error();
  const auto context = std::make_shared<Context>(
      encode(protocols), is_client ? ssl.TLS_client_method() : ssl.TLS_server_method());
  SSL_CTX* const raw = context->get();
  if (raw == nullptr)
    return refuse("connections cannot be encrypted: " + take_error(), "try again");
  ssl.SSL_CTX_ctrl(raw, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
  ssl.SSL_CTX_ctrl(raw, SSL_CTRL_MODE,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, nullptr);
  Diagnostics problems;
  const auto use = [&](int is_used, const std::string& file, std::string_view what) {
    if (is_used == 1) return;
    problems.push_back(
        refuse(fmt::format("`{}` cannot be used as {}: {}", file, what, take_error()),
               "name a PEM file that this process can read; a key must belong to the certificate"));
  };
  if (!options.ca.empty())
    use(ssl.SSL_CTX_load_verify_file(raw, options.ca.c_str()), options.ca,
        "the certificates of authorities");
  else if (is_client)
    ssl.SSL_CTX_set_default_verify_paths(raw);
  if (!options.certificate.empty())
    use(ssl.SSL_CTX_use_certificate_chain_file(raw, options.certificate.c_str()),
        options.certificate, "a certificate");
  if (!options.key.empty()) {
    use(ssl.SSL_CTX_use_PrivateKey_file(raw, options.key.c_str(), SSL_FILETYPE_PEM), options.key,
        "a key");
    if (problems.empty() && !options.certificate.empty())
      use(ssl.SSL_CTX_check_private_key(raw), options.key, "the key of the certificate");
  }
  if (options.certificate.empty() != options.key.empty() ||
      (!is_client && options.certificate.empty()))
    problems.push_back(refuse(is_client ? "a certificate and its key belong together"
                                        : "a server with TLS needs a certificate and its key",
                              "name both: `--tls-cert FILE --tls-key FILE`"));
  if (!problems.empty()) return problems;
  // Sessions that a client resumes are of this server.
  constexpr unsigned char kContext[] = "tenon";
  if (!is_client) ssl.SSL_CTX_set_session_id_context(raw, kContext, sizeof(kContext) - 1);
  const bool verifies = is_client || !options.ca.empty();
  if (verifies)
    ssl.SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  set_protocols(*context, is_client);
  return context;
}

// Whether the authority of a certificate is known, by the result of its verification.
bool has_issuer(long verified) {
  return verified != X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY &&
         verified != X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT &&
         verified != X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN &&
         verified != X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

class Session final : public TlsSession {
 public:
  // host: empty for a server.
  Session(std::shared_ptr<const Context> context, std::unique_ptr<TlsTransport> transport,
          const std::string& host)
      : context_(std::move(context)),
        transport_(std::move(transport)),
        session_(openssl().SSL_new(context_->get())) {
    const OpenSsl& ssl = openssl();
    BIO* const bio = ssl.BIO_new(ssl.transport_method);
    ssl.BIO_set_data(bio, transport_.get());
    ssl.BIO_set_init(bio, 1);
    ssl.SSL_set_bio(session_, bio, bio);
    if (host.empty())
      ssl.SSL_set_accept_state(session_);
    else
      expect(host);
  }
  ~Session() override { openssl().SSL_free(session_); }

  Outcome handshake() override {
    prepare();
    return end(openssl().SSL_do_handshake(session_));
  }
  Outcome read(std::span<std::uint8_t> to) override {
    prepare();
    const auto size = static_cast<int>(std::min(to.size(), kMostBytes));
    return end(openssl().SSL_read(session_, to.data(), size));
  }
  Outcome write(std::span<const std::uint8_t> from) override {
    prepare();
    const auto size = static_cast<int>(std::min(from.size(), kMostBytes));
    return end(openssl().SSL_write(session_, from.data(), size));
  }
  Outcome finish() override {
    prepare();
    // Zero: this direction has ended, and that of the peer has not.
    const int ended = openssl().SSL_shutdown(session_);
    return ended == 0 ? Outcome() : end(ended);
  }
  const TlsFailure& failure() const override { return failure_; }
  std::string_view protocol() const override {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    openssl().SSL_get0_alpn_selected(session_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

 private:
  // Sets the name or address for which the server needs a certificate.
  void expect(const std::string& host) {
    const OpenSsl& ssl = openssl();
    ssl.SSL_set_connect_state(session_);
    X509_VERIFY_PARAM* const rules = ssl.SSL_get0_param(session_);
    // SNI allows names only.
    if (ssl.X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) return;
    ssl.X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
    ssl.SSL_ctrl(session_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
  }

  // Clears earlier errors, which would be taken for one of the next function.
  static void prepare() {
    openssl().ERR_clear_error();
    errno = 0;
  }

  static constexpr std::size_t kMostBytes = std::size_t{1} << 30;

  Outcome end(int moved) {
    using Kind = Outcome::Kind;
    if (moved > 0) return {Kind::Done, static_cast<std::size_t>(moved)};
    const int saved = errno;
    switch (openssl().SSL_get_error(session_, moved)) {
      case SSL_ERROR_WANT_READ:
        return {Kind::NeedsData};
      case SSL_ERROR_WANT_WRITE:
        return {Kind::NeedsRoom};
      case SSL_ERROR_ZERO_RETURN:
        return {Kind::End};
      case SSL_ERROR_SYSCALL:
        return fail(TlsFailure::Kind::Transport,
                    saved == 0 ? "the connection ended too early" : describe_error(saved));
      default:
        return fail_handshake();
    }
  }

  Outcome fail(TlsFailure::Kind kind, std::string text) {
    failure_ = {.kind = kind, .text = std::move(text)};
    return {Outcome::Kind::Failure};
  }

  Outcome fail_handshake() {
    const OpenSsl& ssl = openssl();
    const long verified = ssl.SSL_get_verify_result(session_);
    if (verified != X509_V_OK)
      return fail(
          TlsFailure::Kind::Certificate,
          fmt::format("its certificate is not trusted: {}{}",
                      ssl.X509_verify_cert_error_string(verified),
                      has_issuer(verified) ? "" : "; `tls-ca` names a file with its authority"));
    const unsigned long error = ssl.ERR_peek_error();
    if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
      return fail(TlsFailure::Kind::Transport, "TLS failed: " + take_error());
    const int alert = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;
    const bool is_alert = ERR_GET_LIB(error) == ERR_LIB_SSL && alert >= 0 && alert <= UINT8_MAX;
    const auto kind = is_alert ? TlsFailure::Kind::Alert : TlsFailure::Kind::Protocol;
    const Outcome outcome = fail(kind, "TLS failed: " + take_error());
    if (is_alert) failure_.alert = static_cast<std::uint8_t>(alert);
    return outcome;
  }

  std::shared_ptr<const Context> context_;
  std::unique_ptr<TlsTransport> transport_;
  SSL* session_;
  TlsFailure failure_;
};

}  // namespace

// A socket BIO of OpenSSL would raise SIGPIPE.
ssize_t TlsSocket::send(std::span<const std::uint8_t> from) {
  return ::send(socket_, from.data(), from.size(), MSG_NOSIGNAL);
}

ssize_t TlsSocket::receive(std::span<std::uint8_t> to) {
  return ::recv(socket_, to.data(), to.size(), 0);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::of_client(
    const TlsOptions& options, std::span<const std::string_view> protocols) {
  TENON_TRY(const std::shared_ptr<Context> context, make_context(options, Side::Client, protocols));
  return std::shared_ptr<const TlsContext>(context);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::of_server(
    const TlsOptions& options, std::span<const std::string_view> protocols) {
  TENON_TRY(const std::shared_ptr<Context> context, make_context(options, Side::Server, protocols));
  return std::shared_ptr<const TlsContext>(context);
}

std::unique_ptr<TlsSession> TlsSession::connect(std::shared_ptr<const TlsContext> context,
                                                std::unique_ptr<TlsTransport> transport,
                                                const std::string& host) {
  return std::make_unique<Session>(std::static_pointer_cast<const Context>(std::move(context)),
                                   std::move(transport), host);
}

std::unique_ptr<TlsSession> TlsSession::accept(std::shared_ptr<const TlsContext> context,
                                               std::unique_ptr<TlsTransport> transport) {
  return std::make_unique<Session>(std::static_pointer_cast<const Context>(std::move(context)),
                                   std::move(transport), std::string());
}

}  // namespace tenon::tls

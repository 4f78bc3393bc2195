#include "remote/tls.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "remote/connection.h"
#include "support/diagnostics.h"
#include "support/system_library.h"
#include "support/try.h"

namespace tenon::remote {

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
  X(SSL_CTX_check_private_key)          \
  X(SSL_CTX_ctrl)                       \
  X(SSL_CTX_free)                       \
  X(SSL_CTX_load_verify_file)           \
  X(SSL_CTX_new)                        \
  X(SSL_CTX_set_default_verify_paths)   \
  X(SSL_CTX_set_session_id_context)     \
  X(SSL_CTX_set_verify)                 \
  X(SSL_CTX_use_PrivateKey_file)        \
  X(SSL_CTX_use_certificate_chain_file) \
  X(SSL_ctrl)                           \
  X(SSL_free)                           \
  X(SSL_get0_param)                     \
  X(SSL_get_error)                      \
  X(SSL_get_verify_result)              \
  X(SSL_new)                            \
  X(SSL_read)                           \
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
  BIO_METHOD* socket_method = nullptr;
};

// OpenSSL's own socket BIO would raise SIGPIPE.
struct SocketBio {
  const OpenSsl* ssl;
  int socket;
};

int finish_io(BIO* bio, const SocketBio& io, ssize_t moved, int retry) {
  io.ssl->BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    io.ssl->BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(moved);
}

const OpenSsl& openssl();

extern "C" int tenon_remote_bio_write(BIO* bio, const char* data, int size) {
  const auto& io = *static_cast<const SocketBio*>(openssl().BIO_get_data(bio));
  return finish_io(bio, io, ::send(io.socket, data, static_cast<std::size_t>(size), MSG_NOSIGNAL),
                   BIO_FLAGS_WRITE);
}

extern "C" int tenon_remote_bio_read(BIO* bio, char* data, int size) {
  const auto& io = *static_cast<const SocketBio*>(openssl().BIO_get_data(bio));
  return finish_io(bio, io, ::recv(io.socket, data, static_cast<std::size_t>(size), 0),
                   BIO_FLAGS_READ);
}

extern "C" long tenon_remote_bio_ctrl(BIO* /*bio*/, int command, long /*number*/,
                                      void* /*pointer*/) {
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
  ssl.socket_method = ssl.BIO_meth_new(BIO_TYPE_SOURCE_SINK, "tenon socket");
  ssl.BIO_meth_set_write(ssl.socket_method, tenon_remote_bio_write);
  ssl.BIO_meth_set_read(ssl.socket_method, tenon_remote_bio_read);
  ssl.BIO_meth_set_ctrl(ssl.socket_method, tenon_remote_bio_ctrl);
  return ssl;
}

const Result<OpenSsl, std::string>& loaded() {
  static const Result<OpenSsl, std::string> library = load_openssl();
  return library;
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
  explicit Context(SSL_CTX* context, std::string host)
      : context_(context), host_(std::move(host)) {}
  ~Context() override { openssl().SSL_CTX_free(context_); }

  [[nodiscard]] SSL_CTX* get() const { return context_; }
  // Empty for a server.
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  SSL_CTX* context_;
  std::string host_;
};

Diagnostic refuse(std::string message, std::string hint) {
  Diagnostic problem = make_diagnostic(Code::RemoteTls, "{}", message);
  problem.hints.push_back(std::move(hint));
  return problem;
}

Result<std::shared_ptr<Context>> make_context(const TlsOptions& options, const std::string& host) {
  const bool is_client = !host.empty();
  if (!loaded())
    return refuse("connections cannot be encrypted: " + loaded().error(),
                  "install OpenSSL 3: `apt-get install libssl3` on Debian and Ubuntu");
  const OpenSsl& ssl = openssl();
  ssl.ERR_clear_error();
  const auto context = std::make_shared<Context>(
      ssl.SSL_CTX_new(is_client ? ssl.TLS_client_method() : ssl.TLS_server_method()), host);
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
  Session(std::shared_ptr<const Context> context, int socket)
      : context_(std::move(context)),
        io_{&openssl(), socket},
        session_(openssl().SSL_new(context_->get())) {
    const OpenSsl& ssl = openssl();
    BIO* const bio = ssl.BIO_new(ssl.socket_method);
    ssl.BIO_set_data(bio, &io_);
    ssl.BIO_set_init(bio, 1);
    ssl.SSL_set_bio(session_, bio, bio);
    if (context_->host().empty())
      ssl.SSL_set_accept_state(session_);
    else
      expect(context_->host());
  }
  ~Session() override { openssl().SSL_free(session_); }

  Outcome read(std::span<std::uint8_t> to) override {
    prepare();
    return end(openssl().SSL_read(session_, to.data(), static_cast<int>(to.size())));
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
  const std::string& failure() const override { return failure_; }

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
        failure_ = saved == 0 ? "the connection ended too early" : describe_error(saved);
        return {Kind::Failure};
      default:
        break;
    }
    const long verified = openssl().SSL_get_verify_result(session_);
    failure_ =
        verified == X509_V_OK
            ? "TLS failed: " + take_error()
            : fmt::format("its certificate is not trusted: {}{}",
                          openssl().X509_verify_cert_error_string(verified),
                          has_issuer(verified) ? "" : "; `tls-ca` names a file with its authority");
    return {Kind::Failure};
  }

  std::shared_ptr<const Context> context_;
  SocketBio io_;
  SSL* session_;
  std::string failure_;
};

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::of_client(const TlsOptions& options,
                                                                const std::string& host) {
  TENON_TRY(const std::shared_ptr<Context> context, make_context(options, host));
  return std::shared_ptr<const TlsContext>(context);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::of_server(const TlsOptions& options) {
  TENON_TRY(const std::shared_ptr<Context> context, make_context(options, {}));
  return std::shared_ptr<const TlsContext>(context);
}

std::unique_ptr<TlsSession> TlsSession::make(std::shared_ptr<const TlsContext> context,
                                             int socket) {
  return std::make_unique<Session>(std::static_pointer_cast<const Context>(std::move(context)),
                                   socket);
}

}  // namespace tenon::remote

#include "registry/curl_client.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "support/check.h"
#include "support/diagnostics.h"
#include "support/system_library.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

#define TENON_CURL_FUNCTIONS(X) \
  X(easy_cleanup)               \
  X(easy_getinfo)               \
  X(easy_init)                  \
  X(easy_perform)               \
  X(easy_reset)                 \
  X(easy_setopt)                \
  X(global_init)                \
  X(slist_append)               \
  X(slist_free_all)

struct CurlLibrary {
#define TENON_CURL_MEMBER(name) decltype(&::curl_##name) name = nullptr;
  TENON_CURL_FUNCTIONS(TENON_CURL_MEMBER)
#undef TENON_CURL_MEMBER
};

// libcurl's global state belongs to the process, and older versions initialize it without a lock.
std::mutex& initializing() {
  static std::mutex mutex;
  return mutex;
}

Diagnostic no_curl(std::string_view reason) {
  Diagnostic problem = make_diagnostic(
      Code::ExtFetch, "cannot fetch anything: libcurl cannot be loaded: {}", sanitize_text(reason));
  problem.hints.emplace_back("install libcurl: `apt-get install libcurl4` on Debian and Ubuntu");
  return problem;
}

// Loads the first library that exists. It is never unloaded. Errors: ext-fetch.
Result<CurlLibrary> load_curl(std::span<const std::string> names) {
  Result<SystemLibrary, std::string> library = SystemLibrary::load(names);
  if (!library) return no_curl(library.error());
  CurlLibrary curl;
#define TENON_CURL_FIND(name) library->find(curl.name, "curl_" #name);
  TENON_CURL_FUNCTIONS(TENON_CURL_FIND)
#undef TENON_CURL_FIND
  if (const auto found = library->check(); !found) return no_curl(found.error());
  const std::scoped_lock lock(initializing());
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return no_curl("it cannot be initialized");
  return curl;
}

constexpr std::size_t kHeaderBytes = std::size_t{1} << 18;

// Messages for failures whose libcurl message is hard to understand. That message becomes a note.
struct CurlFailure {
  CURLcode code;
  std::string_view reason;
  std::string_view hint;
};
constexpr CurlFailure kFailures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "unknown host name",
     "check the name, and that this machine is online"},
    {CURLE_COULDNT_RESOLVE_PROXY, "unknown proxy host", "check `https_proxy`"},
    {CURLE_COULDNT_CONNECT, "the server does not answer", "check the host and the port"},
    {CURLE_PARTIAL_FILE, "the response is incomplete", "try again"},
    {CURLE_GOT_NOTHING, "the response is empty", "check that it is an HTTP server"},
    {CURLE_RECV_ERROR, "the connection broke", "try again"},
    {CURLE_SEND_ERROR, "the connection broke", "try again"},
    {CURLE_OPERATION_TIMEDOUT, "the transfer stalled or took too long", "try again"},
    {CURLE_SSL_CONNECT_ERROR, "no secure connection could be established",
     "check that it is an HTTPS server"},
    {CURLE_PEER_FAILED_VERIFICATION, "its certificate is not trusted",
     "check the host name, and the certificates of this machine"},
};

// The state of one exchange, filled by the callbacks.
struct Exchange {
  HttpResponse response;
  std::uint64_t max_bytes = 0;
  std::size_t header_bytes = 0;
  bool is_too_large = false;
  bool has_too_many_headers = false;
  bool has_no_memory = false;
};

// No exception may pass through libcurl.
template <class Take>
std::size_t take_part(Exchange& exchange, std::size_t size, Take&& take) noexcept {
  try {
    take();
    return size;
  } catch (const std::bad_alloc&) {
    exchange.has_no_memory = true;
    return 0;
  }
}

extern "C" std::size_t tenon_registry_take_body(char* data, std::size_t size, std::size_t count,
                                                void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  Bytes& body = exchange.response.body;
  exchange.is_too_large = size * count > exchange.max_bytes - body.size();
  if (exchange.is_too_large) return 0;
  return take_part(exchange, size * count,
                   [&] { body.insert(body.end(), data, data + size * count); });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

void take_header_line(Exchange& exchange, std::string_view line) {
  // Earlier headers belong to an informational response (1xx) or to a proxy.
  if (line.starts_with("HTTP/")) exchange.response.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon != line.npos)
    exchange.response.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
}

extern "C" std::size_t tenon_registry_take_header(char* data, std::size_t size, std::size_t count,
                                                  void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.header_bytes += size * count;
  exchange.has_too_many_headers = exchange.header_bytes > kHeaderBytes;
  if (exchange.has_too_many_headers) return 0;
  return take_part(exchange, size * count,
                   [&] { take_header_line(exchange, {data, size * count}); });
}

// One libcurl handle, reset for each exchange. libcurl follows no redirects: `send_request` does,
// since only it knows where credentials may be sent.
class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(CurlOptions options) : options_(std::move(options)) {}

  Result<HttpResponse> exchange(const HttpRequest& request) override;

 private:
  using HeaderList = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;
  using Handle = std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)>;

  template <class T>
  void set(CURLoption option, T value) {
    curl_.easy_setopt(handle_.get(), option, value);
  }
  Result<void> open();
  HeaderList make_headers(const HttpRequest& request) const;
  void set_limits(const HttpRequest& request);
  void set_request(const HttpRequest& request);
  Diagnostic explain(const HttpRequest& request, const Exchange& exchange, CURLcode code,
                     std::string_view words) const;

  CurlOptions options_;
  CurlLibrary curl_;
  // Null before the first exchange. It is reused, so that connections are kept open.
  Handle handle_{nullptr, nullptr};
};

Result<void> CurlClient::open() {
  if (handle_ != nullptr) return {};
  TENON_TRY(curl_, load_curl(options_.libraries));
  handle_ = Handle(curl_.easy_init(), curl_.easy_cleanup);
  TENON_CHECK(handle_ != nullptr);
  return {};
}

CurlClient::HeaderList CurlClient::make_headers(const HttpRequest& request) const {
  HeaderList list(nullptr, curl_.slist_free_all);
  const auto add = [&](const std::string& line) {
    list.reset(curl_.slist_append(list.release(), line.c_str()));
  };
  for (const HttpHeader& header : request.headers) add(header.name + ": " + header.value);
  if (!request.authorization.empty()) add("Authorization: " + request.authorization);
  // Send the body without waiting for "100 Continue".
  add("Expect:");
  return list;
}

void CurlClient::set_limits(const HttpRequest& request) {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_time.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_time.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options_.stall_speed));
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_time.count()));
  // Refuses a large body early, by its Content-Length; the callback counts the bytes of others. A
  // HEAD response announces a length but has no body.
  if (request.method != "HEAD")
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_bytes));
  if (is_loopback(request.url.host)) set(CURLOPT_PROXY, "");
  if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
}

void CurlClient::set_request(const HttpRequest& request) {
  set(CURLOPT_URL, print_url(request.url).c_str());
  set(CURLOPT_USERAGENT, "tenon");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS,
        request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

Diagnostic CurlClient::explain(const HttpRequest& request, const Exchange& exchange, CURLcode code,
                               std::string_view words) const {
  if (exchange.is_too_large || code == CURLE_FILESIZE_EXCEEDED) {
    Diagnostic problem = fetch_problem(
        request.url, fmt::format("the response has more than {} bytes", request.max_bytes));
    problem.hints.emplace_back("check that the URL is the one you want");
    return problem;
  }
  if (exchange.has_too_many_headers)
    return fetch_problem(request.url,
                         fmt::format("the response headers have more than {} bytes", kHeaderBytes));
  const auto match = std::ranges::find(kFailures, code, &CurlFailure::code);
  if (match == std::end(kFailures)) return fetch_problem(request.url, sanitize_text(words));
  Diagnostic problem = fetch_problem(request.url, match->reason);
  problem.notes.push_back({fmt::format("libcurl says: {}", sanitize_text(words)), {}, {}});
  problem.hints.emplace_back(match->hint);
  return problem;
}

Result<HttpResponse> CurlClient::exchange(const HttpRequest& request) {
  TENON_TRY_VOID(open());
  std::array<char, CURL_ERROR_SIZE> words = {};
  Exchange exchange;
  exchange.max_bytes = request.max_bytes;
  curl_.easy_reset(handle_.get());
  set_limits(request);
  set_request(request);
  const HeaderList headers = make_headers(request);
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_ERRORBUFFER, words.data());
  set(CURLOPT_WRITEFUNCTION, &tenon_registry_take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  set(CURLOPT_HEADERFUNCTION, &tenon_registry_take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  const CURLcode code = curl_.easy_perform(handle_.get());
  if (exchange.has_no_memory) throw std::bad_alloc();
  if (code != CURLE_OK) return explain(request, exchange, code, words.data());
  long status = 0;
  curl_.easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  exchange.response.url = request.url;
  return std::move(exchange.response);
}

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(CurlOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace tenon::registry

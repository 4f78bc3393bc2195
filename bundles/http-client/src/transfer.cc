#include "transfer.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "utf8.h"

namespace http_client {

namespace {

constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10;  // of a request, or a response
constexpr std::size_t kMaxMethodBytes = 32;

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// Headers that frame or route a message. Only libcurl may set them.
bool is_own_affair(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {"connection", "content-length",    "expect",
                                                      "host",       "keep-alive",        "te",
                                                      "trailer",    "transfer-encoding", "upgrade"};
  return std::ranges::find(kNames, name) != kNames.end() || name.starts_with("proxy-");
}

// Empty if the request can be sent.
std::string find_fault(const requests::request& request) {
  if (!is_token(request.method) || request.method.size() > kMaxMethodBytes)
    return "the method is not a word";
  if (request.method == "CONNECT" || request.method == "TRACE")
    return "`" + request.method + "` is not supported";
  if (request.method == "HEAD" && !request.body.empty()) return "`HEAD` has no body";
  std::size_t size = 0;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return "the name of a header is not a word";
    if (is_own_affair(to_lower(name)))
      return "the header `" + name + "` is the client's own affair";
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return "the value of `" + name + "` has a line break or a NUL";
    size += name.size() + value.size();
  }
  return size > kMaxHeaderBytes ? "the headers are larger than 256 KiB" : "";
}

void set(CURL* easy, CURLoption option, auto value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

requests::error_kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return requests::error_kind::timeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ISSUER_ERROR:
      return requests::error_kind::connection;
    default:
      return requests::error_kind::protocol;
  }
}

}  // namespace

tenon::unexpected<requests::error> refuse(requests::error_kind kind, std::string message) {
  return {requests::error{.kind = kind, .message = std::move(message)}};
}

tenon::expected<std::unique_ptr<Transfer>, requests::error> Transfer::make(
    const requests::request& request, const Allowed& allowed, const Limits& limits) {
  if (const std::string fault = find_fault(request); !fault.empty())
    return refuse(requests::error_kind::invalid, fault);
  auto url = parse_url(request.url);
  if (!url) return refuse(requests::error_kind::invalid, url.error());
  const Origin origin = origin_of(*url);
  if (!allowed.contains(origin))
    return refuse(requests::error_kind::denied, "`allow` of the host does not contain `" +
                                                    origin.scheme + "://" + origin.host + ":" +
                                                    origin.port + "`");
  return std::unique_ptr<Transfer>(new Transfer(*std::move(url), request, limits));
}

Transfer::Transfer(Url url, const requests::request& request, const Limits& limits)
    : url_(std::move(url)),
      body_(request.body),
      easy_(curl_easy_init()),
      most_body_bytes_(limits.body_bytes) {
  if (easy_ == nullptr) throw std::bad_alloc();
  configure(request, limits);
}

void Transfer::add_header(const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)headers_.release();
  headers_.reset(longer);
}

void Transfer::configure(const requests::request& request, const Limits& limits) {
  CURL* const easy = easy_.get();
  const bool has_body = !body_.empty() || request.method == "POST" || request.method == "PUT" ||
                        request.method == "PATCH";
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    has_type = has_type || to_lower(name) == "content-type";
    // libcurl sends a header without a value only if it is written with `;`.
    add_header(value.empty() ? name + ";" : name + ": " + value);
  }
  // Headers that libcurl would add by itself.
  add_header("Expect:");
  if (has_body && !has_type) add_header("Content-Type:");

  set(easy, CURLOPT_CURLU, url_.get());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_PROXY, limits.proxy.c_str());
  if (!limits.ca_file.empty()) set(easy, CURLOPT_CAINFO, limits.ca_file.c_str());
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_ERRORBUFFER, reason_.data());
  set(easy, CURLOPT_HTTPHEADER, headers_.get());
  set(easy, CURLOPT_HEADERFUNCTION, &take_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_WRITEFUNCTION, &take_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  std::chrono::milliseconds timeout = limits.timeout;
  if (request.timeout_ms)
    timeout = std::clamp(std::chrono::milliseconds(*request.timeout_ms),
                         std::chrono::milliseconds(1), timeout);
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  if (has_body) {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    // NULL would mean another source.
    set(easy, CURLOPT_POSTFIELDS, body_.empty() ? "" : static_cast<const void*>(body_.data()));
  }
  if (request.method == "HEAD") set(easy, CURLOPT_NOBODY, 1L);
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

std::size_t Transfer::take_header(char* text, std::size_t size, std::size_t count, void* transfer) {
  auto& own = *static_cast<Transfer*>(transfer);
  std::string_view line(text, size * count);
  own.header_bytes_ += line.size();
  own.is_too_large_ = own.header_bytes_ > kMaxHeaderBytes;
  if (own.is_too_large_) return 0;
  // A response begins: after one with a status of 1xx, or of a proxy, another one follows.
  if (line.starts_with("HTTP/")) own.response_.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.starts_with("HTTP/")) return size * count;
  std::string_view value = line.substr(colon + 1);
  constexpr std::string_view kSpaces = " \t\r\n";
  value.remove_prefix(std::min(value.find_first_not_of(kSpaces), value.size()));
  value = value.substr(0, value.find_last_not_of(kSpaces) + 1);
  own.response_.headers.emplace_back(bundle_text::make_utf8(to_lower(line.substr(0, colon))),
                                     bundle_text::make_utf8(value));
  return size * count;
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* transfer) {
  auto& own = *static_cast<Transfer*>(transfer);
  std::vector<std::uint8_t>& body = own.response_.body;
  own.is_too_large_ = size * count > own.most_body_bytes_ - body.size();
  if (own.is_too_large_) return 0;
  body.insert(body.end(), bytes, bytes + size * count);
  return size * count;
}

void Transfer::set_completion(tenon::completion<Outcome> done, std::function<void()> on_stop) {
  done_.emplace(std::move(done));
  on_stop_.emplace(done_->stop_token(), std::move(on_stop));
}

void Transfer::finish(CURLcode code) { finish(outcome_of(code)); }

Outcome Transfer::outcome_of(CURLcode code) {
  if (is_too_large_)
    return refuse(requests::error_kind::too_large, "the response is larger than the host allows");
  if (code != CURLE_OK)
    return refuse(
        kind_of(code),
        bundle_text::make_utf8(reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<std::uint16_t>(status);
  return std::move(response_);
}

}  // namespace http_client

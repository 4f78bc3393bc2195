#include "url.h"

#include <algorithm>
#include <stdexcept>

namespace http_client {

namespace {

constexpr std::size_t kMaxUrlBytes = 65536;

std::string part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

std::string to_lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

tenon::expected<Url, std::string> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return tenon::unexpected<std::string>{"the URL is too long"};
  // libcurl would end the text at a NUL.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20; }))
    return tenon::unexpected<std::string>{"the URL has a space or a control character"};
  Url url(curl_url());
  if (url == nullptr) throw std::bad_alloc();
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_DISALLOW_USER);
  if (code != CURLUE_OK)
    return tenon::unexpected<std::string>{std::string("the URL is malformed: ") +
                                          curl_url_strerror(code)};
  const std::string scheme = origin_of(url).scheme;
  if (scheme != "http" && scheme != "https")
    return tenon::unexpected<std::string>{"the URL is not of http or https"};
  return url;
}

Origin origin_of(const Url& url) {
  return {to_lower(part_of(url, CURLUPART_SCHEME)), to_lower(part_of(url, CURLUPART_HOST)),
          part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)};
}

Allowed::Allowed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n";
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    if (text.empty()) return;
    const std::string_view pattern = text.substr(0, text.find_first_of(kSpaces));
    text.remove_prefix(pattern.size());
    if (pattern == "*") {
      has_all_ = true;
      continue;
    }
    // libcurl accepts no `*` in the name of a host.
    const std::size_t star = pattern.find("://*.");
    std::string server(pattern);
    if (star != std::string::npos) server.erase(star + 3, 2);
    const auto url = parse_url(server);
    if (!url || !(part_of(*url, CURLUPART_PATH) == "/" || part_of(*url, CURLUPART_PATH).empty()) ||
        !part_of(*url, CURLUPART_QUERY).empty() || !part_of(*url, CURLUPART_FRAGMENT).empty())
      throw std::invalid_argument("`allow` has `" + std::string(pattern) +
                                  "`, which is not a server such as `https://api.example.org`");
    patterns_.push_back(origin_of(*url));
    if (star != std::string::npos) patterns_.back().host.insert(0, "*.");
  }
}

bool Allowed::contains(const Origin& origin) const {
  return has_all_ || std::ranges::any_of(patterns_, [&](const Origin& pattern) {
           if (pattern.scheme != origin.scheme || pattern.port != origin.port) return false;
           if (!pattern.host.starts_with("*.")) return pattern.host == origin.host;
           const std::string_view below = std::string_view(pattern.host).substr(1);
           return origin.host.size() > below.size() && origin.host.ends_with(below);
         });
}

}  // namespace http_client

// A component by its URL.
#pragma once

#include <string>
#include <variant>

#include "registry/http.h"
#include "registry/package_source.h"
#include "registry/source.h"
#include "tenon/result.h"

namespace tenon::registry {

// sha256: 64 digits 0-9 a-f.
struct Pin {
  std::string sha256;
};
// Whatever the server sends is taken: the user says so.
struct Unpinned {};

// Errors: ext-fetch; ext-digest: the bytes are not those of the pin.
[[nodiscard]] Result<FetchedPackage> fetch_url(HttpClient& http, const UrlSource& source,
                                               const std::variant<Pin, Unpinned>& pin);

}  // namespace tenon::registry

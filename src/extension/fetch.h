// What a source has: a path, a package of a registry, a repository of one, a URL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "extension/candidate.h"
#include "registry/http.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

// Where a component stays that is developed in place. Errors: ext-source (it is no file here).
[[nodiscard]] Result<std::string> link_path(const Package& package);

class Fetcher final {
 public:
  explicit Fetcher(HostVariables variables) : variables_(std::move(variables)) {}

  // sha256: of the component, for a URL; empty: none. Errors: ext-source, ext-not-found, ext-fetch,
  // ext-digest, ext-auth, config-, read-.
  [[nodiscard]] Result<Package> fetch(const std::string& source, std::string_view sha256,
                                      const AddOptions& options);

  // Whether any is configured. Errors: config-, read-file.
  [[nodiscard]] Result<bool> has_registries() const;

 private:
  registry::HttpClient& http();

  HostVariables variables_;
  std::unique_ptr<registry::HttpClient> http_;  // null: nothing was asked yet
};

}  // namespace tenon::extension

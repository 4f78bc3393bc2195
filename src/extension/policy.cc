#include "extension/policy.h"

#include <algorithm>

#include "support/glob.h"
#include "support/semver.h"

namespace tenon::extension {

std::string_view base_name(std::string_view interface) {
  return interface.substr(0, interface.find('@'));
}

std::string track_of_interface(std::string_view interface) {
  const std::size_t at = interface.find('@');
  if (at == interface.npos) return {};
  const Result<Version, VersionError> version =
      parse_interface_version(interface.substr(at + 1), std::nullopt);
  return version ? track_of(*version) : std::string(interface.substr(at + 1));
}

bool is_host_interface(std::string_view interface) {
  return interface.starts_with("wasi:") || interface.starts_with("tenon:");
}

bool LibraryPolicy::allows(std::string_view interface) const {
  if (is_host_interface(interface)) return false;
  return std::ranges::any_of(
      globs_, [&](const std::string& glob) { return matches_glob(glob, base_name(interface)); });
}

}  // namespace tenon::extension

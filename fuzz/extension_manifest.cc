// Property: any text is rejected as extension.toml with reasons, or read as a manifest whose parts
// follow their rules; an index that is made from it survives a round trip.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "extension/index.h"
#include "extension/manifest.h"
#include "require.h"
#include "support/files.h"
#include "support/semver.h"

namespace {

using namespace tenon;
using namespace tenon::extension;

void check_parts(const Manifest& manifest) {
  require(is_extension_name(manifest.name));
  require(static_cast<bool>(parse_version(manifest.version)));
  require(manifest.component.empty() || stays_inside(manifest.component));
  if (manifest.command)
    for (const std::string& alias : manifest.command->aliases) require(is_extension_name(alias));
  require(std::ranges::is_sorted(manifest.dependencies, {}, &ExtensionDependency::name));
  for (const ExtensionDependency& dependency : manifest.dependencies) {
    require(static_cast<bool>(parse_version_range(dependency.range)));
    require(dependency.name.find(':') != std::string::npos || is_extension_name(dependency.name));
    require(dependency.from.empty() || is_extension_name(dependency.from));
  }
  for (const auto& count : {manifest.limits.fuel, manifest.limits.instances})
    require(!count || *count > 0);
  const auto& timeout = manifest.limits.call_timeout;
  require(!timeout || timeout->count() > 0);
}

Extension extension_of(const Manifest& manifest) {
  Extension extension;
  extension.name = manifest.name;
  extension.version = manifest.version;
  extension.digest = std::string(64, '0');
  extension.description = manifest.description;
  extension.license = manifest.license;
  extension.repository = manifest.repository;
  extension.authors = manifest.authors;
  extension.command = manifest.command;
  if (manifest.provides)
    for (const PlacedText& provided : *manifest.provides)
      extension.libraries.push_back(provided.text);
  extension.dependencies = manifest.dependencies;
  extension.wants = manifest.wants;
  extension.limits = manifest.limits;
  return extension;
}

void check_is_kept(const Extension& written) {
  const std::string text = print_index({{written}});
  const Result<Index> index = parse_index(text, "index.json");
  require(index && index->extensions.size() == 1 && print_index(*index) == text);
  const Extension& read = index->extensions.front();
  require(read.description == written.description && read.authors == written.authors);
  require(read.command.has_value() == written.command.has_value());
  require(read.libraries == written.libraries);
  require(read.dependencies.size() == written.dependencies.size());
  require(read.wants.fs == written.wants.fs && read.wants.host == written.wants.host);
  require(read.limits.memory == written.limits.memory && read.limits.fuel == written.limits.fuel);
  require(read.limits.call_timeout == written.limits.call_timeout);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Manifest> manifest = parse_extension_manifest(text, "x/extension.toml", "0.1.0");
  if (!manifest) {
    require(!manifest.error().empty());
    for (const Diagnostic& problem : manifest.error()) require(!problem.message.empty());
    return 0;
  }
  check_parts(*manifest);
  check_is_kept(extension_of(*manifest));
  return 0;
}

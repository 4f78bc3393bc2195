// Property: any text is either refused as extension.toml with reasons, or read as a manifest whose
// parts have the documented form; and a manifest that is printed in an index is read again as an
// equal manifest.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "extension/index.h"
#include "extension/manifest.h"
#include "require.h"
#include "support/semver.h"
#include "support/stays_inside.h"
#include "support/version_range.h"

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
  for (const ExtensionDependency& wanted : manifest.dependencies) {
    require(static_cast<bool>(parse_version_range(wanted.range)));
    require(wanted.name.find(':') != std::string::npos || is_extension_name(wanted.name));
    require(wanted.from.empty() || is_extension_name(wanted.from));
  }
  for (const auto& count : {manifest.limits.fuel, manifest.limits.instances})
    require(!count || *count > 0);
  const auto& timeout = manifest.limits.call_timeout;
  require(!timeout || timeout->count() > 0);
}

Extension extension_of(const Manifest& manifest) {
  Extension made;
  made.name = manifest.name;
  made.version = manifest.version;
  made.digest = std::string(64, '0');
  made.description = manifest.description;
  made.license = manifest.license;
  made.repository = manifest.repository;
  made.authors = manifest.authors;
  made.command = manifest.command;
  if (manifest.provides)
    for (const PlacedText& provided : *manifest.provides) made.libraries.push_back(provided.text);
  made.dependencies = manifest.dependencies;
  made.wants = manifest.wants;
  made.limits = manifest.limits;
  return made;
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

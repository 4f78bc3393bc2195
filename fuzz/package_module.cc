// Property: any bytes are either rejected as a package, or have imports and exports with names
// inside the bytes. Metadata that is found is inside the bytes too. Types that are read from it are
// within the limits on size and depth, and fit the types that are read from it again.
#include "packr/package_module.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "packr/graph_format.h"
#include "packr/metadata.h"
#include "packr/metadata_bytes.h"
#include "require.h"
#include "support/limits.h"
#include "types/subtype.h"
#include "types/type.h"

namespace {

using namespace tenon;

void require_told(const Diagnostics& problems) {
  require(!problems.empty());
  for (const Diagnostic& problem : problems)
    require(!problem.code.empty() && !problem.message.empty());
}

void require_within(std::span<const std::uint8_t> bytes, std::string_view name) {
  if (name.empty()) return;
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(name.data());
  require(begin >= bytes.data() && begin + name.size() <= bytes.data() + bytes.size());
}

// Types refer only to earlier types, so one pass computes the depth of each.
void require_bounded(const types::Types& types) {
  require(types.types.size() <= limits::kTypeNodes + types.primitives.size());
  std::vector<std::uint32_t> depths;
  depths.reserve(types.types.size());
  for (const types::Type& type : types.types) {
    std::uint32_t depth = 1;
    types::for_each_part(
        type,
        [&](types::TypeId part) {
          require(part.index < depths.size());
          depth = std::max(depth, depths[part.index] + 1);
        },
        [](types::ResourceId) { require(false); });
    require(depth <= limits::kNestingDepth);
    depths.push_back(depth);
  }
}

void check_functions(types::Subtyping& subtyping, const std::vector<packr::MetadataFunction>& once,
                     const std::vector<packr::MetadataFunction>& again) {
  require(once.size() == again.size());
  for (std::size_t i = 0; i < once.size(); ++i)
    require(subtyping.compare(once[i].type, again[i].type, types::TypeRelation::Packages).fits());
}

void check_metadata(std::span<const std::uint8_t> bytes) {
  types::Types types;
  const auto once = packr::read_metadata(bytes, types);
  require_bounded(types);
  if (!once) return require_told(once.error());
  const auto again = packr::read_metadata(bytes, types);
  require(again.has_value());
  types::Subtyping subtyping(types);
  check_functions(subtyping, once->imports, again->imports);
  check_functions(subtyping, once->exports, again->exports);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const auto module = packr::read_package_module(bytes);
  if (module) {
    for (const packr::PackageModule::Import& import : module->imports) {
      require_within(bytes, import.module);
      require_within(bytes, import.field);
    }
    for (const std::string_view name : module->exports) require_within(bytes, name);
  } else {
    require_told(module.error());
  }
  const auto metadata = packr::find_metadata(bytes);
  if (!metadata) return 0;
  require(metadata->size() <= size);
  require(std::ranges::equal(std::span(*metadata).first(packr::kGraphMagic.size()),
                             packr::kGraphMagic));
  check_metadata(*metadata);
  return 0;
}

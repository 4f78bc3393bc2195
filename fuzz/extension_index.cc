// Property: any text is rejected as index.json with a reason, or read as an index that survives a
// round trip. For any needs that it lists, order and cycles are computed without a crash; without a
// cycle, each extension comes after its providers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "extension/index.h"
#include "extension/needs.h"
#include "extension/policy.h"
#include "require.h"

namespace {

using namespace tenon;
using namespace tenon::extension;

// Several graph functions are quadratic.
constexpr std::size_t kMostExtensions = 50;

void check_graph(const Index& index) {
  const Diagnostics cycles = find_cycles(index);
  for (const Diagnostic& cycle : cycles) require(!cycle.message.empty() && !cycle.notes.empty());
  const std::vector<const Extension*> order = load_order(index);
  require(cycles.empty() ? order.size() == index.extensions.size()
                         : order.size() < index.extensions.size());
  std::map<const Extension*, std::size_t> places;
  for (const Extension* const one : order) require(places.emplace(one, places.size()).second);
  for (const Extension* const one : order)
    for (const ExtensionNeed& need : one->needs) {
      const Extension* const provider = index.find(need.from, need.version);
      if (provider == nullptr) continue;
      require(need.is_lazy || places.at(provider) < places.at(one));
      const std::vector<Dependent> dependents = dependents_of(index, *provider);
      require(std::ranges::any_of(
          dependents, [&](const Dependent& dependent) { return dependent.consumer == one; }));
    }
  for (const Extension& one : index.extensions) {
    const std::vector<const Extension*> closure = closure_of(index, one);
    require(!cycles.empty() || std::ranges::find(closure, &one) != closure.end());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Result<Index> index = parse_index(text, "index.json");
  if (!index) {
    require(!index.error().empty());
    for (const Diagnostic& problem : index.error())
      require(problem.code == "ext-store" && !problem.message.empty());
    return 0;
  }
  const std::string printed = print_index(*index);
  const Result<Index> again = parse_index(printed, "index.json");
  require(again && print_index(*again) == printed);
  if (index->extensions.size() > kMostExtensions) return 0;
  for (const Extension& one : index->extensions) {
    const Extension* const newest = index->find(one.name);
    require(newest != nullptr && newest->name == one.name);
    require(index->find(one.name, one.version) == &one);
  }
  check_graph(*index);
  const LibraryPolicy policy({"*:*/lib"});
  for (const Preference preference : {Preference::Locked, Preference::Newest}) {
    for (const Diagnostic& problem : meet_needs(*index, policy, preference))
      require(!problem.message.empty() && !problem.hints.empty());
    check_graph(*index);
  }
  return 0;
}

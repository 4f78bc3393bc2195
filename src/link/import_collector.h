// The type of a unit that provides imports of others with the types that these have.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "resolve/unit.h"
#include "types/substitute.h"
#include "types/type.h"

namespace tenon::link {

// Collects the imports that a unit provides: of an interface, the functions of all importers. Its
// resources are its own, whichever unit imports them.
class ImportCollector final {
 public:
  // Lifetime: refers to `types`.
  explicit ImportCollector(types::Types& types) : types_(types) {}

  // The first importer decides the type of a function; the resolver compares the others.
  // imports: of one unit. is_provided: whether the unit provides the import at an index.
  void add(const std::vector<types::RootItem>& imports, const std::vector<bool>& is_provided);

  // Gives the unit its exports, and the resources that it defines.
  void finish(resolve::Unit& unit);

 private:
  types::ResourceReplacement::Resources find_resources(const std::vector<types::RootItem>& imports,
                                                       const std::vector<bool>& is_provided);
  void add(const types::RootItem& import, const types::Item& item);

  types::Types& types_;
  std::map<std::string, types::RootItem> items_;
  std::map<std::string, types::Instance> instances_;
  std::map<std::string, types::ResourceId> resources_;  // by path
};

}  // namespace tenon::link

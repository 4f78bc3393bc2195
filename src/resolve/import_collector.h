// The type of a unit that provides imports of others with the types that these have.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "resolve/unit.h"
#include "types/substitute.h"
#include "types/type.h"

namespace tenon::resolve {

// Collects the imports that a unit provides: of an interface, the functions of all importers. Its
// resources are its own, whichever unit imports them.
class ImportCollector final {
 public:
  // Lifetime: refers to `types`.
  explicit ImportCollector(types::Types& types) : types_(types) {}

  // An import that the unit provides, and the name under which it exports it.
  struct Provided {
    std::string name;
    Rare<std::string> implements = {};
    bool is_only_wired = false;  // Unit::only_wired
  };
  // Under the import's own name.
  [[nodiscard]] static Provided as_imported(const types::RootItem& import) {
    return {.name = import.name, .implements = import.implements};
  }

  // The first importer decides the type of a function; the resolver compares the others.
  // imports: of one unit. provided: by import; nothing: the unit does not provide it.
  void add(const std::vector<types::RootItem>& imports,
           const std::vector<std::optional<Provided>>& provided);

  // Whether an earlier import has decided the type of this export.
  [[nodiscard]] bool has(const Provided& provided) const {
    return exports_.contains(key_of(provided));
  }

  // Gives the unit its exports, and the resources that it defines.
  void finish(Unit& unit);

 private:
  // An export by its name and the interface that it implements.
  using Key = std::pair<std::string, std::string>;
  struct Export {
    types::RootItem item;
    std::optional<types::Instance> instance;  // merged from the imports
    bool is_only_wired = true;
  };

  static Key key_of(const Provided& provided);
  types::ResourceReplacement::Resources find_resources(
      const std::vector<types::RootItem>& imports,
      const std::vector<std::optional<Provided>>& provided);
  void add(const types::RootItem& import, const Provided& provided, const types::Item& item);

  types::Types& types_;
  std::map<Key, Export> exports_;
  std::map<std::pair<Key, std::string>, types::ResourceId> resources_;  // by path within an export
};

}  // namespace tenon::resolve

// Which resources are one: union-find over resource ids, with at most one definition a class.
//
// Ties inside a unit need nothing: one resource has one id there. Ties across an edge come from
// comparing the import with the export. A class may hold one definition: a resource that a unit or
// the engine makes, or one that an open import brings in.
//
// Source: docs/resolve.md, "Resource identity".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "types/subtype.h"
#include "types/type.h"

namespace tenon::resolve {

using types::ResourceId;
using types::Tie;

// Why two resources were tied.
struct TieCause {
  enum class Kind : std::uint8_t { Edge, Merge } kind = Kind::Edge;
  std::uint32_t import = 0;  // position in Draft::imports; of a merge, the import that was joined

  bool operator==(const TieCause&) const = default;
};

struct TieStep {
  Tie tie;
  TieCause cause;
};

// Two definitions that a tie would bring into one class.
struct SplitPair {
  ResourceId first;  // the ids by which the two resources are defined
  ResourceId second;
};

class ResourceClasses final {
 public:
  // resources: how many ids the arena holds.
  explicit ResourceClasses(std::size_t resources);

  [[nodiscard]] ResourceId find_class(ResourceId id) const;

  // The id by which the class of `id` is defined; nothing: by nobody so far.
  [[nodiscard]] std::optional<ResourceId> find_definition(ResourceId id) const;

  // Makes `id` the definition of its class; the other one, if the class has one already.
  std::optional<ResourceId> define(ResourceId id);

  // The definitions that would meet if all of `ties` were made, as the classes stand.
  [[nodiscard]] std::optional<SplitPair> find_split(std::span<const Tie> ties) const;

  // Makes a tie, or says which definitions keep the two classes apart.
  std::optional<SplitPair> tie(Tie tie, TieCause cause);

  // Candidates that hear of every change to the class of `id` that could rule them out.
  void watch(ResourceId id, std::uint32_t candidate);
  // The candidates that heard since the last call; repeats are possible.
  [[nodiscard]] std::vector<std::uint32_t> take_dirty();

  // A shortest chain of ties from one resource to another: those made, and `extra`. Empty if there
  // is none. Cost: linear in all ties.
  [[nodiscard]] std::vector<TieStep> find_path(ResourceId from, ResourceId to,
                                               std::span<const TieStep> extra) const;

 private:
  struct Class {
    std::optional<ResourceId> definition;
    std::vector<std::uint32_t> watchers;
  };
  void hear(const Class& changed);

  mutable std::vector<std::uint32_t> parents_;
  std::vector<std::uint32_t> sizes_;
  std::vector<Class> classes_;  // valid at roots
  std::vector<TieStep> made_;
  std::vector<std::uint32_t> dirty_;
};

}  // namespace tenon::resolve

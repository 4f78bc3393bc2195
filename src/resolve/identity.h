// Resource identity: which resources are one. A union-find over resource ids in which each class
// holds at most one definition.
//
//   ResourceClasses classes(types.resources.size());
//   classes.define(bucket_of_kv);
//   classes.tie({bucket_of_site, bucket_of_kv}, {TieCause::Kind::Edge, import});
//   classes.find_definition(bucket_of_site)      // bucket_of_kv
//
// A definition is a resource that a unit or the engine makes, or one that an open import
// introduces. A tie that would unite two definitions is refused and reported as a SplitPair. Within
// a unit no ties are needed: there, one resource has one id. Ties across an edge come from
// comparing the type of the import with the type of the export.
//
// Source: docs/resolve.md, "Resource identity".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "types/subtype.h"
#include "types/type.h"

namespace tenon::resolve {

using types::ResourceId;
using types::Tie;

// The edge or merge that tied two resources.
struct TieCause {
  enum class Kind : std::uint8_t { Edge, Merge } kind = Kind::Edge;
  std::uint32_t import = 0;  // position in Draft::imports; of a merge, the import that joined

  bool operator==(const TieCause&) const = default;
};

struct TieStep {
  Tie tie;
  TieCause cause;
};

// Two definitions that a tie would unite: the ids by which the two resources are defined.
struct SplitPair {
  ResourceId first;
  ResourceId second;
};

class ResourceClasses final {
 public:
  // resources: the number of ids in the arena.
  explicit ResourceClasses(std::size_t resources);

  // The representative of the class.
  [[nodiscard]] ResourceId find_class(ResourceId id) const;

  // The id by which the class of `id` is defined, if it is.
  [[nodiscard]] std::optional<ResourceId> find_definition(ResourceId id) const;

  // Makes `id` the definition of its class. Returns the existing definition if there is one.
  std::optional<ResourceId> define(ResourceId id);

  // The definitions that would meet if all of `ties` were made now. Changes nothing.
  [[nodiscard]] std::optional<SplitPair> find_split(std::span<const Tie> ties) const;

  // Unites two classes, or returns the definitions that keep them apart.
  std::optional<SplitPair> tie(Tie tie, TieCause cause);

  // Marks `candidate` as dirty at every change to the class of `id` that could rule it out.
  void watch(ResourceId id, std::uint32_t candidate);
  // Returns the candidates marked since the last call, possibly with repeats.
  [[nodiscard]] std::vector<std::uint32_t> take_dirty();

  // A shortest chain of ties from one resource to another, over the ties made so far and `extra`.
  // Empty if there is none. Cost: linear in all ties.
  [[nodiscard]] std::vector<TieStep> find_path(ResourceId from, ResourceId to,
                                               std::span<const TieStep> extra) const;

 private:
  struct ResourceClass {
    std::optional<ResourceId> definition;
    std::vector<std::uint32_t> watchers;
  };
  void mark_watchers(const ResourceClass& changed);

  mutable std::vector<std::uint32_t> parents_;
  std::vector<std::uint32_t> sizes_;
  std::vector<ResourceClass> classes_;  // valid at roots
  std::vector<TieStep> steps_;
  std::vector<std::uint32_t> dirty_;
};

}  // namespace tenon::resolve

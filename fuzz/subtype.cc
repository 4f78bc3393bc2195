// Property: subtyping is reflexive and transitive, its result depends only on the two items, and
// every difference can be printed.
//
// The input makes choices that build value types bottom-up and an instance with them, and two
// copies of all this, in which some types, exports and resources are changed.
#include "types/subtype.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "require.h"
#include "types/difference.h"
#include "types/type.h"

namespace {

using namespace tenon::types;

// One of the three copies: its items, in the same order as in the others.
struct Version {
  std::vector<TypeId> built;
  std::vector<ResourceId> resources;
};

Type make_type(const Version& version, Choices& choices) {
  const auto part = [&] { return version.built[choices.below(version.built.size())]; };
  const auto label = [&] { return std::string(1, static_cast<char>('a' + choices.below(3))); };
  switch (choices.below(12)) {
    case 0:
      return {Record{{{label(), part()}, {"z", part()}}}};
    case 1:
      return {Variant{{{label(), part()}, {"z", {}}}}};
    case 2:
      return {List{part(), {}}};
    case 3:
      return {List{part(), static_cast<std::uint32_t>(choices.below(3))}};
    case 4:
      return {Tuple{{part(), part()}}};
    case 5:
      return {Option{part()}};
    case 6:
      return {ResultType{part(), {}}};
    case 7:
      return {Future{part()}};
    case 8:
      return {Map{part(), part()}};
    case 9:
      return {Own{version.resources[choices.below(2)]}};
    case 10:
      return {Borrow{version.resources[choices.below(2)]}};
    default:
      return {Enum{{label(), "z"}}};
  }
}

// The type at `index` of `from`, with its parts replaced by those of `to`.
Type copy_type(const Types& types, const Version& from, const Version& to, std::size_t index) {
  const auto move_over = [](const auto& old, const auto& made, auto& part) {
    for (std::size_t i = 0; i < made.size(); ++i)
      if (old[i] == part) {
        part = made[i];
        return;
      }
  };
  Type copy = types.types[from.built[index]];
  for_each_part(
      copy, [&](TypeId& part) { move_over(from.built, to.built, part); },
      [&](ResourceId& part) { move_over(from.resources, to.resources, part); });
  return copy;
}

Version copy_version(Types& types, const Version& from, Choices& choices) {
  Version made;
  for (const ResourceId resource : from.resources)
    made.resources.push_back(choices.is_rare(8) ? resource : types.resources.add({"r"}));
  for (std::size_t i = 0; i < from.built.size(); ++i) {
    Type copy =
        i > 0 && choices.is_rare(64) ? make_type(made, choices) : copy_type(types, from, made, i);
    made.built.push_back(types.types.add(std::move(copy)));
  }
  return made;
}

InstanceId make_instance(Types& types, const Version& version, Choices& choices) {
  Instance made;
  const std::size_t count = version.built.size();
  made.add_export("r", TypeBound{version.resources[choices.is_rare(16) ? 1 : 0]});
  for (std::size_t i = 0; i < 5; ++i) {
    if (choices.is_rare(8)) continue;
    const TypeId type = version.built[count - 1 - i % count];
    Function function;
    function.params.push_back({"p", type});
    function.result = version.built[(i * 7) % count];
    const std::string name(1, static_cast<char>('f' + i));
    made.add_export(
        name, i == 0 ? Item{TypeBound{type}} : Item{types.functions.add(std::move(function))});
  }
  return types.instances.add(std::move(made));
}

// Whether `actual` fits `expected`, according to a relation with a cache, and to one without.
bool fits(Subtyping& relation, const Types& types, InstanceId expected, InstanceId actual) {
  const Verdict verdict = relation.compare(expected, actual);
  const Verdict again = Subtyping(types).compare(expected, actual);
  require(verdict.fits() == again.fits());
  require(!verdict.fits() || verdict.ties == again.ties);
  for (const Difference& difference : verdict.differences)
    require(!show_difference(types, difference, "a", "b").lines.empty());
  return verdict.fits();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Types types;
  Version versions[3];
  for (int i = 0; i < 2; ++i) versions[0].resources.push_back(types.resources.add({"r"}));
  versions[0].built.push_back(types.types.add({tenon::types::Primitive::U8}));
  for (std::size_t i = choices.below(40); i > 0; --i)
    versions[0].built.push_back(types.types.add(make_type(versions[0], choices)));
  versions[1] = copy_version(types, versions[0], choices);
  versions[2] = copy_version(types, versions[1], choices);
  InstanceId items[3];
  for (int i = 0; i < 3; ++i) items[i] = make_instance(types, versions[i], choices);

  Subtyping relation(types);
  bool fit[3][3];
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) fit[a][b] = fits(relation, types, items[a], items[b]);
  for (int a = 0; a < 3; ++a) {
    require(fit[a][a]);
    for (int b = 0; b < 3; ++b)
      for (int c = 0; c < 3; ++c) require(!(fit[a][b] && fit[b][c]) || fit[a][c]);
  }
  return 0;
}

#include "types/archive_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/limits.h"
#include "types/copy_types.h"
#include "types/print_type.h"

namespace tenon::types::archive_types_test {
namespace {

// One type of each kind, in the parameters of a function of an exported interface.
struct Everything {
  Types types;
  ComponentType type;

  Everything() {
    const ResourceId bucket = types.resources.add({"bucket"});
    const TypeId number = types.primitive(Primitive::U32);
    const TypeId text = types.types.add({Primitive::String});  // `type text = string`
    Function function{.is_async = true, .is_untyped = false, .params = {}, .result = text};
    const auto add = [&](auto kind) {
      function.params.push_back(
          {"f" + std::to_string(function.params.size()), types.types.add({std::move(kind)})});
    };
    add(Record{{{"a", number}, {"b", text}}});
    add(Variant{{{"none", {}}, {"some", number}}});
    add(List{number, {}});
    add(List{number, 4});
    add(Map{text, number});
    add(Tuple{{number, text}});
    add(Flags{{"r", "w"}});
    add(Enum{{"north", "south"}});
    add(Option{number});
    add(ResultType{number, {}});
    add(Own{bucket});
    add(Borrow{bucket});
    add(Stream{number});
    add(Future{});
    add(Dynamic{.within = "tree", .parameter = "t"});
    Instance store;
    store.add_export("bucket", TypeBound{bucket});
    store.add_export("text", TypeBound{text});
    store.add_export("f", types.functions.add(std::move(function)));
    const InstanceId instance = types.instances.add(std::move(store));
    type.imports.push_back({.name = "log",
                            .item = types.functions.add({.params = {{"line", text}}, .result = {}}),
                            .implements = "acme:log/log",
                            .version_suffix = ".1",
                            .external_id = "id",
                            .span = {7, 9}});
    type.exports.push_back({.name = "acme:kv/store",
                            .item = instance,
                            .passed_imports = std::vector<std::uint32_t>{0}});
    type.exports.push_back({.name = "module", .item = Unsupported{Unsupported::Sort::CoreModule}});
    type.defined.push_back(bucket);
  }
};

std::vector<std::uint8_t> write(const Types& types, const ComponentType& type) {
  ArchiveWriter out;
  out(types, type);
  return {out.bytes().begin(), out.bytes().end()};
}

std::vector<std::string> print(const Types& types, const ComponentType& type) {
  std::vector<std::string> lines;
  for (const std::vector<RootItem>* items : {&type.imports, &type.exports})
    for (const RootItem& item : *items)
      if (!std::holds_alternative<Unsupported>(item.item))
        for (std::string& line : print_item(types, {}, item.name, item.item))
          lines.push_back(std::move(line));
  return lines;
}

TEST(ArchivedTypes, AreReadAsTheyWereWritten) {
  const Everything all;
  const std::vector<std::uint8_t> bytes = write(all.types, all.type);
  ArchiveReader in(bytes);
  Types types;
  ComponentType type;
  in(types, type);
  ASSERT_TRUE(in.is_done());
  EXPECT_TRUE(are_in(types, type));
  EXPECT_EQ(write(types, type), bytes);
  EXPECT_EQ(print(types, type), print(all.types, all.type));
  const RootItem& import = type.imports.front();
  EXPECT_EQ(import.implements, "acme:log/log");
  EXPECT_EQ(import.version_suffix, ".1");
  EXPECT_EQ(import.external_id, "id");
  EXPECT_EQ(import.span, (binary::ByteSpan{7, 9}));
  EXPECT_EQ(*type.exports.front().passed_imports, std::vector<std::uint32_t>{0});
  EXPECT_EQ(type.defined, all.type.defined);
  // Names are found again, and shared primitives are shared.
  EXPECT_NE(types.instances[std::get<InstanceId>(type.exports.front().item)].find_export("f"),
            nullptr);
  EXPECT_EQ(types.primitives, all.types.primitives);
}

TEST(ArchivedTypes, AreCopiedToAnotherArena) {
  const Everything all;
  Types types;
  types.resources.add({"another"});
  const TypeId number = types.primitive(Primitive::U32);
  TypeCopier copier(all.types, types);
  const ComponentType type = copier.copy(all.type);
  EXPECT_EQ(print(types, type), print(all.types, all.type));
  EXPECT_EQ(type.defined.front(), ResourceId{1});
  // Its types use the primitive that was there, and what is copied twice is one type.
  EXPECT_EQ(types.primitive(Primitive::U32), number);
  const std::size_t size = types.types.size();
  EXPECT_EQ(write(types, copier.copy(all.type)), write(types, type));
  EXPECT_EQ(types.types.size(), size);
}

TEST(ArchivedTypes, MalformedBytesAreRejected) {
  const Everything all;
  const std::vector<std::uint8_t> bytes = write(all.types, all.type);
  std::size_t accepted = 0;
  const auto read = [&](std::span<const std::uint8_t> some) {
    ArchiveReader in(some);
    Types types;
    ComponentType type;
    in(types, type);
    if (!in.is_done() || !are_in(types, type)) return false;
    // Accepted types can be copied without a crash.
    Types copies;
    (void)TypeCopier(types, copies).copy(type);
    ++accepted;
    return true;
  };
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read(std::span(bytes).first(size))) << size;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const std::uint8_t change : {std::uint8_t{0x01}, std::uint8_t{0x7f}, std::uint8_t{0x80}}) {
      std::vector<std::uint8_t> other = bytes;
      other[i] ^= change;
      read(other);
    }
  EXPECT_GT(accepted, 0U);
  EXPECT_LT(accepted, 3 * bytes.size());
}

TEST(ArchivedTypes, TypesThatAreNestedTooDeeplyAreRejected) {
  Types types;
  TypeId inner = types.primitive(Primitive::U8);
  for (std::uint32_t depth = 0; depth <= limits::kNestingDepth; ++depth)
    inner = types.types.add({Option{inner}});
  ArchiveWriter out;
  out(types);
  ArchiveReader in(out.bytes());
  Types read;
  in(read);
  EXPECT_TRUE(in.has_failed());
}

}  // namespace
}  // namespace tenon::types::archive_types_test

// Metadata that is made to cost: shared nodes, depth, names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packr/metadata.h"
#include "packr/shared_graph.h"
#include "support/limits.h"

namespace tenon::packr::metadata_hostile_test {
namespace {

using testing::HasSubstr;
using Node = SharedGraph::Node;
using Bytes = SharedGraph::Bytes;

constexpr std::uint32_t kString = 12;
constexpr std::uint32_t kFlags = 13;
constexpr std::uint32_t kList = 14;
constexpr std::uint32_t kRecord = 17;
constexpr std::uint32_t kVariant = 18;
constexpr std::uint32_t kTuple = 19;

class HostileMetadata : public testing::Test {
 protected:
  Node function_giving_all(const std::vector<Node>& results) {
    return graph.record({{"interface", graph.text("a")},
                         {"name", graph.text("f")},
                         {"results", graph.list_of(NodeKind::Variant, results)}});
  }
  Node function_giving(Node type) { return function_giving_all({type}); }
  Result<Metadata> read(std::vector<Node> exports) {
    const Node root =
        graph.record({{"exports", graph.list_of(NodeKind::Record, std::move(exports))}});
    return read_metadata(graph.finish(root), types);
  }
  Result<Metadata> read_type(Node type) { return read({function_giving(type)}); }

  Node tuple_of(const std::vector<Node>& parts) {
    return graph.variant(kTuple, {graph.list_of(NodeKind::Variant, parts)});
  }
  Node string() { return graph.variant(kString, {}); }
  Node field(std::string_view name) {
    return graph.record({{"name", graph.text(name)}, {"type", string()}});
  }
  Node record_of(const std::vector<Node>& fields) {
    return graph.variant(kRecord,
                         {graph.record({{"name", graph.text("r")},
                                        {"fields", graph.list_of(NodeKind::Record, fields)}})});
  }
  Node variant_of(const std::vector<Node>& cases) {
    return graph.variant(kVariant,
                         {graph.record({{"name", graph.text("v")},
                                        {"cases", graph.list_of(NodeKind::Record, cases)}})});
  }

  static void expect_refused(const Result<Metadata>& read, std::string_view why) {
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().front().code, "pack-metadata");
    EXPECT_THAT(read.error().front().message, HasSubstr(std::string(why)));
  }

  SharedGraph graph;
  types::Types types;
};

// 100 levels of two that are one: 2^90 types in some kilobytes.
TEST_F(HostileMetadata, SharedTypesAreCountedAtEachUse) {
  Node type = string();
  for (int level = 0; level < 90; ++level) type = tuple_of({type, type});
  expect_refused(read_type(type), "types need more than 67108864 bytes");
  EXPECT_LE(types.types.size(), limits::kTypeNodes);
}

TEST_F(HostileMetadata, SharedTextIsCountedAtEachUse) {
  const Node one = graph.record({{"name", graph.text(std::string(1U << 20U, 'x'))}});
  expect_refused(read_type(variant_of(std::vector<Node>(1000, one))),
                 "types need more than 67108864 bytes");
}

TEST_F(HostileMetadata, SharedFunctionsAreCountedAtEachUse) {
  const Node params =
      graph.list_of(NodeKind::Record, std::vector<Node>(2000, graph.record({{"type", string()}})));
  const Node function = graph.record({{"name", graph.text("f")}, {"params", params}});
  expect_refused(read(std::vector<Node>(2000, function)), "types need more than 67108864 bytes");
}

// Flags have 64 labels each; metadata says nothing of them, so all are one type.
TEST_F(HostileMetadata, FlagsAreOneType) {
  const auto read = read_type(tuple_of(std::vector<Node>(100'000, graph.variant(kFlags, {}))));
  ASSERT_TRUE(read);
  EXPECT_EQ(types.types.size(), 2U);
}

TEST_F(HostileMetadata, NestsAsDeepAsOtherTypes) {
  const auto nest = [&](std::uint32_t levels) {
    Node type = string();
    for (std::uint32_t level = 1; level < levels; ++level) type = graph.variant(kList, {type});
    return type;
  };
  EXPECT_TRUE(read_type(nest(limits::kNestingDepth)));
  expect_refused(read_type(nest(limits::kNestingDepth + 1)), "nested more than 100 levels deep");
  // Several results are a tuple.
  EXPECT_TRUE(read({function_giving_all({string(), nest(limits::kNestingDepth - 1)})}));
  expect_refused(read({function_giving_all({string(), nest(limits::kNestingDepth)})}),
                 "nested more than 100 levels deep");
}

TEST_F(HostileMetadata, MembersOfOneNameAreRefused) {
  expect_refused(read_type(record_of({field("a-b"), field("a_b")})),
                 "duplicate name `a-b` among the fields at `exports[0].results[0].r`");
  const auto named = [&](std::string_view name) {
    return graph.record({{"name", graph.text(name)}});
  };
  expect_refused(read_type(variant_of({named("x"), named("y"), named("x")})),
                 "duplicate name `x` among the cases");
  EXPECT_TRUE(read_type(record_of({field("a"), field("b")})));
}

// Wherever it ends, and whatever byte is another: it is read or refused.
TEST_F(HostileMetadata, DamageIsAnAnswer) {
  const Node words = graph.tuple({graph.u64(1), graph.u64(2), graph.u64(3), graph.u64(4)});
  const Node hash = graph.record({{"name", graph.text("a")}, {"hash", words}});
  const Node root = graph.record(
      {{"exports",
        graph.list_of(NodeKind::Record, {function_giving(record_of({field("a"), field("b")}))})},
       {"export-hashes", graph.list_of(NodeKind::Record, {hash})}});
  const Bytes good = graph.finish(root);
  ASSERT_TRUE(read_metadata(good, types));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_metadata(std::span(good).first(size), types)) << size;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int change : {0x01, 0x80, 0xff}) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(bad[at] ^ change);
      const auto read = read_metadata(bad, types);
      if (read) continue;
      ++refused;
      EXPECT_EQ(read.error().front().code, "pack-metadata") << at;
    }
  EXPECT_GT(refused, good.size());
}

}  // namespace
}  // namespace tenon::packr::metadata_hostile_test

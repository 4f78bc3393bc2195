#include "binary/write_component.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binary/hand_encoded.h"
#include "binary/read_component.h"

namespace tenon::binary::write_component_test {
namespace {

using testing::ElementsAre;

ExternDesc instance_of_type(std::uint32_t type) {
  return {.kind = ExternDesc::Kind::Instance, .index = type};
}

// Writes each definition of a component again, and of the components nested in it.
EncodedComponent rewrite(const Component& component, const Bytes& file) {
  ComponentWriter out;
  for (const Definition& definition : component.definitions) {
    if (const auto* nested = std::get_if<std::unique_ptr<Component>>(&definition)) {
      out.add_component(rewrite(**nested, file));
    } else {
      out.copy_definition(definition, file);
    }
  }
  return std::move(out).finish();
}

// Reading and rewriting must give the same bytes.
void expect_same(const Bytes& bytes) {
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read) << read.error().front().message;
  EXPECT_EQ(rewrite(*read, bytes).bytes, bytes);
}

TEST(ComponentWriter, ComposesUnits) {
  const Bytes cart_bytes = component({section(0, {1, 'c'})});
  ComponentWriter out;
  TypeWriter lib(TypeWriter::Kind::Instance);
  const std::uint32_t func = lib.add_type(FuncDef{.result = Primitive::U32});
  lib.export_item({"rate"}, {.kind = ExternDesc::Kind::Func, .index = func});
  const std::uint32_t type = out.add_type(lib);
  const std::uint32_t tax = out.import_item({"acme:tax/lib@1.2.0"}, instance_of_type(type));
  const std::uint32_t cart = out.add_component(cart_bytes, "cart");
  const std::uint32_t unit =
      out.instantiate(cart, {{"acme:tax/lib@1.2.0", {Sort::Instance, tax}}}, "cart");
  const std::uint32_t api = out.alias_export(unit, Sort::Instance, "acme:cart/api@1.0.0");
  const std::uint32_t exported =
      out.export_item({"acme:cart/api@1.0.0"}, {Sort::Instance, api}, instance_of_type(type));
  EXPECT_EQ(exported, 3U);
  const EncodedComponent encoded = std::move(out).finish();

  ASSERT_EQ(encoded.components.size(), 1U);
  const ByteSpan span = encoded.components[0].span;
  EXPECT_EQ(Bytes(encoded.bytes.begin() + static_cast<long>(span.begin),
                  encoded.bytes.begin() + static_cast<long>(span.end)),
            cart_bytes);

  const Result<Component> read = read_component(encoded.bytes);
  ASSERT_TRUE(read) << read.error().front().message;
  ASSERT_EQ(read->definitions.size(), 7U);
  EXPECT_EQ(std::get<ImportDef>(read->definitions[1]).name.text, "acme:tax/lib@1.2.0");
  EXPECT_EQ(std::get<InstanceDef>(read->definitions[3]).args.at(0).item,
            (SortIndex{Sort::Instance, 0}));
  EXPECT_EQ(std::get<AliasDef>(read->definitions[4]).instance, 1U);
  EXPECT_EQ(std::get<ExportDef>(read->definitions[5]).item, (SortIndex{Sort::Instance, 2}));
  EXPECT_EQ(read_metadata(encoded.bytes, *read).names.find({Sort::Component, 0}), "cart");
  EXPECT_EQ(read_metadata(encoded.bytes, *read).names.find({Sort::Instance, 1}), "cart");
}

TEST(ComponentWriter, LabelsItsBytes) {
  ComponentWriter out(KeepLabels::Yes);
  TypeWriter type(TypeWriter::Kind::Instance, out.keeps_labels());
  type.export_item({"r"}, {.kind = ExternDesc::Kind::SubResource});
  out.import_item({.text = "a", .implements = "n:p/i"}, instance_of_type(out.add_type(type)));
  const EncodedComponent encoded = std::move(out).finish();
  EXPECT_EQ(dump(encoded.bytes, encoded.labels),
            "0x0000: 00 61 73 6d 0d 00 01 00  ; component\n"
            "0x0008: 07                       ; the type section\n"
            "0x0009: 09                       ; size\n"
            "0x000a: 01                       ; count\n"
            "0x000b: 42                       ; instance type\n"
            "0x000c: 01                       ; declarations\n"
            "0x000d: 04                       ; export declaration\n"
            "0x000e: 00                       ; plain\n"
            "0x000f: 01 72                    ; name \"r\"\n"
            "0x0011: 03                       ; type\n"
            "0x0012: 01                       ; sub resource\n"
            "0x0013: 0a                       ; the import section\n"
            "0x0014: 0e                       ; size\n"
            "0x0015: 01                       ; count\n"
            "0x0016: 02                       ; with attributes\n"
            "0x0017: 01 61                    ; name \"a\"\n"
            "0x0019: 01                       ; count\n"
            "0x001a: 00                       ; implements\n"
            "0x001b: 05 6e 3a 70 2f 69        ; value \"n:p/i\"\n"
            "0x0021: 05                       ; instance\n"
            "0x0022: 00                       ; index\n");
}

TEST(ComponentWriter, LabelsDoNotChangeTheBytes) {
  const auto make = [](KeepLabels keep) {
    ComponentWriter out(keep);
    TypeWriter type(TypeWriter::Kind::Component, keep);
    type.import_item({"a"},
                     instance_of_type(type.add_type(TypeWriter(TypeWriter::Kind::Instance))));
    out.add_type(type);
    out.add_core_module(module({}), "m");
    out.set_debug_name("all");
    out.set_producers({{"processed-by", {{"tenon", "1"}}}});
    return std::move(out).finish().bytes;
  };
  EXPECT_EQ(make(KeepLabels::No), make(KeepLabels::Yes));
}

TEST(ComponentWriter, AdjacentDefinitionsShareASection) {
  ComponentWriter out;
  out.add_type(Primitive::String);
  out.add_type(Primitive::Bool);
  out.alias_outer(Sort::Type, 1, 5);
  out.add_type(Primitive::U8);
  EXPECT_EQ(std::move(out).finish().bytes,
            component({section(7, {2, 0x73, 0x7f}), section(6, {1, 0x03, 0x02, 1, 5}),
                       section(7, {1, 0x7d})}));
}

TEST(ComponentWriter, CountsEveryIndexSpace) {
  ComponentWriter out;
  EXPECT_EQ(out.add_core_module(module({})), 0U);
  EXPECT_EQ(out.add_core_module(module({})), 1U);
  EXPECT_EQ(out.add_component(component({})), 0U);
  EXPECT_EQ(out.import_item({"m"}, {.kind = ExternDesc::Kind::CoreModule}), 2U);
  EXPECT_EQ(out.import_item({"t"}, {.kind = ExternDesc::Kind::SubResource}), 0U);
  EXPECT_EQ(out.import_item({"u"}, {.kind = ExternDesc::Kind::TypeEq}), 1U);
  EXPECT_EQ(out.add_type(Primitive::Bool), 2U);
  EXPECT_EQ(out.import_item({"f"}, {.kind = ExternDesc::Kind::Func, .index = 2}), 0U);
  EXPECT_EQ(out.import_item({"c"}, {.kind = ExternDesc::Kind::Component}), 1U);
  EXPECT_EQ(out.alias_core_export(0, Sort::CoreFunc, "f"), 0U);
  EXPECT_EQ(out.instantiate(0, {}), 0U);
  EXPECT_EQ(out.add_instance({{{"f"}, {Sort::Func, 0}}}), 1U);
  EXPECT_EQ(out.alias_export(1, Sort::Func, "f"), 1U);
  EXPECT_EQ(out.export_item({"f"}, {Sort::Func, 1}), 2U);
  EXPECT_EQ(out.spaces().size(Sort::Func), 3U);
  EXPECT_EQ(out.spaces().size(Sort::Value), 0U);
}

TEST(TypeWriter, HasItsOwnIndexSpaces) {
  TypeWriter type(TypeWriter::Kind::Component);
  EXPECT_EQ(type.alias_outer(Sort::Type, 1, 9), 0U);
  EXPECT_EQ(type.import_item({"r"}, {.kind = ExternDesc::Kind::SubResource}), 1U);
  EXPECT_EQ(type.import_item({"i"}, instance_of_type(0)), 0U);
  EXPECT_EQ(type.alias_export(0, Sort::Type, "t"), 2U);
  EXPECT_EQ(type.export_item({"t"}, {.kind = ExternDesc::Kind::TypeEq, .index = 2}), 3U);
  EXPECT_EQ(type.add_type(TypeWriter(TypeWriter::Kind::Instance)), 4U);
}

TEST(ComponentWriter, ReportsThePositionsOfNestedBinaries) {
  ComponentWriter inner;
  inner.add_type(Primitive::Bool);
  const EncodedComponent nested = std::move(inner).finish();
  ComponentWriter out;
  out.add_component(nested);
  out.import_item({"c"}, {.kind = ExternDesc::Kind::Component});
  out.add_component(component({section(0, {1, 'x'})}));
  out.add_core_module(module({}));
  const EncodedComponent encoded = std::move(out).finish();
  EXPECT_THAT(encoded.components,
              ElementsAre(NestedBinary{0, {10, 22}}, NestedBinary{2, {32, 44}}));
  EXPECT_THAT(encoded.core_modules, ElementsAre(NestedBinary{0, {46, 54}}));
  for (const NestedBinary& place : encoded.components) {
    EXPECT_EQ(encoded.bytes[static_cast<std::size_t>(place.span.begin) + 4], 0x0d);
  }
  EXPECT_EQ(encoded.bytes[50], 0x01);
}

TEST(ComponentWriter, WritesNamesAndProducersLast) {
  ComponentWriter out;
  out.set_debug_name("shop");
  out.set_debug_name({Sort::Type, 1}, "later");
  out.set_debug_name({Sort::Type, 0}, "first");
  out.set_producers({{"processed-by", {{"tenon", "0.1.0"}}}});
  out.add_type(Primitive::Bool);
  const EncodedComponent encoded = std::move(out).finish();
  const Result<Component> read = read_component(encoded.bytes);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->definitions.size(), 3U);
  EXPECT_EQ(std::get<CustomSection>(read->definitions[1]).name, "component-name");
  EXPECT_EQ(std::get<CustomSection>(read->definitions[2]).name, "producers");
  const Metadata metadata = read_metadata(encoded.bytes, *read);
  EXPECT_EQ(metadata.names.self, "shop");
  EXPECT_THAT(metadata.names.items,
              ElementsAre(SortNames{Sort::Type, {{0, "first"}, {1, "later"}}}));
  EXPECT_THAT(metadata.producers, ElementsAre(ProducerField{"processed-by", {{"tenon", "0.1.0"}}}));
}

TEST(CopyDefinition, EveryType) {
  expect_same(component(
      {section(7, join({{20},
                        {0x73},
                        {0x72, 1, 1, 'a', 0x79},
                        {0x71, 2, 1, 'a', 0, 0, 1, 'b', 1, 0x80, 0x01, 0},
                        {0x70, 0x7d},
                        {0x67, 0x7d, 0x80, 0x02},
                        {0x63, 0x73, 2},
                        {0x6f, 2, 0x7f, 3},
                        {0x6e, 1, 1, 'a'},
                        {0x6d, 2, 1, 'a', 1, 'b'},
                        {0x6b, 0x73},
                        {0x6a, 1, 0x79, 0},
                        {0x69, 4},
                        {0x68, 0x80, 0x01},
                        {0x66, 0},
                        {0x65, 1, 0x64},
                        {0x3f, 0x7f, 0},
                        {0x3f, 0x7f, 1, 9},
                        {0x40, 1, 1, 'a', 0x79, 0x00, 0x73},
                        {0x43, 0, 0x01, 0x00},
                        {0x41, 3,    0x03, 0x00, 1,    'a',  0x05, 0,                            //
                         0x01, 0x42, 2,    0x00, 0x60, 0,    0,    0x02, 0x05, 0x00, 0, 1, 'x',  //
                         0x04, 0x02, 1,    'b',  1,    0x02, 1,    'c',  0x03, 0x00, 1}}))}));
}

TEST(CopyDefinition, EverySection) {
  const Bytes inner =
      component({section(7, {1, 0x73}), section(1, module({section(0, {1, 'm'})}))});
  expect_same(component(
      {section(1, module({})), section(2, {2, 0, 0, 1, 1, 'a', 0x12, 7, 1, 1, 1, 'b', 0x02, 8}),
       section(3, {2, 0x60, 0, 0, 0x50, 0}), section(4, inner),
       section(5, {2, 0, 3, 1, 1, 'a', 0x05, 7, 1, 1, 0, 1, 'b', 0x03, 8}),
       section(6, {3, 0x05, 0, 3, 1, 'a', 0, 2, 1, 3, 1, 'a', 0, 0x11, 2, 1, 2}),
       section(8, {2, 0, 0, 5, 1, 6, 7, 0x0a, 0x7f, 0}), section(9, {3, 2, 0, 1, 1}),
       section(10, {6, 0, 1,   'a', 0,    0x11, 1, 0,   1, 'b', 1, 2,  //
                    0, 1, 'c', 2,   0x73, 0,    1, 'd', 3, 0,   1,     //
                    0, 1, 'e', 4,   3,    2,    1, 'f', 1, 0,   1, 'g', 5, 6}),
       section(11, {2, 0, 1, 'a', 1, 4, 0, 0, 1, 'b', 5, 4, 1, 5, 6}),
       section(12, {1, 0x79, 1, 42}), section(0, {1, 'x', 1, 2, 3})}));
}

}  // namespace
}  // namespace tenon::binary::write_component_test

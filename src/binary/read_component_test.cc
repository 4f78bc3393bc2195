#include "binary/read_component.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "binary/hand_encoded.h"

namespace tenon::binary::read_component_test {
namespace {

using testing::ElementsAre;

// Keeps the bytes alive until the end of the test, because names are views into them.
class ReadComponent : public testing::Test {
 protected:
  // The only definition of a component. Fails the test if there are several, or if it is not a `T`.
  template <class T>
  T only(Bytes bytes) {
    kept_.push_back(std::move(bytes));
    Result<Component> component = read_component(kept_.back());
    if (!component) {
      ADD_FAILURE() << component.error().front().message;
      return T();
    }
    if (component->definitions.size() != 1 ||
        !std::holds_alternative<T>(component->definitions.front())) {
      ADD_FAILURE() << "expected one definition of this kind";
      return T();
    }
    return std::get<T>(std::move(component->definitions.front()));
  }

  template <class T>
  T type_of(const Bytes& type) {
    TypeDef def = only<TypeDef>(component({section(7, join({{1}, type}))}));
    if (!std::holds_alternative<T>(def.type)) {
      ADD_FAILURE() << "unexpected kind of type";
      return T();
    }
    EXPECT_EQ(def.span, (ByteSpan{11, 11 + type.size()}));
    return std::get<T>(std::move(def.type));
  }

  ExternDesc desc_of(const Bytes& desc) {
    return only<ImportDef>(component({section(10, join({{1, 0x00, 1, 'a'}, desc}))})).desc;
  }

 private:
  std::deque<Bytes> kept_;
};

TEST_F(ReadComponent, Empty) {
  const Bytes bytes = component({});
  const Result<Component> empty = read_component(bytes);
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->definitions.empty());
  EXPECT_EQ(empty->span, (ByteSpan{0, 8}));
}

TEST_F(ReadComponent, KeepsTheOrderOfDefinitions) {
  const Bytes bytes =
      component({section(7, {2, 0x73, 0x7f}), section(0, {1, 'x', 9, 9}), section(7, {1, 0x79})});
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->definitions.size(), 4U);
  EXPECT_EQ(std::get<Primitive>(std::get<TypeDef>(read->definitions[1]).type), Primitive::Bool);
  const CustomSection& custom = std::get<CustomSection>(read->definitions[2]);
  EXPECT_EQ(custom.name, "x");
  EXPECT_EQ(custom.span, (ByteSpan{17, 19}));
  EXPECT_EQ(std::get<Primitive>(std::get<TypeDef>(read->definitions[3]).type), Primitive::U32);
}

TEST_F(ReadComponent, EveryPrimitive) {
  for (int i = 0; i <= static_cast<int>(Primitive::ErrorContext); ++i) {
    const Primitive primitive = static_cast<Primitive>(i);
    EXPECT_EQ(type_of<Primitive>({primitive_opcode(primitive)}), primitive);
  }
}

TEST_F(ReadComponent, RecordsAndVariants) {
  const RecordDef record = type_of<RecordDef>({0x72, 2, 1, 'a', 0x79, 1, 'b', 0x80, 0x01});
  ASSERT_EQ(record.fields.size(), 2U);
  EXPECT_EQ(record.fields[0].label, "a");
  EXPECT_EQ(record.fields[0].type, ValType(Primitive::U32));
  EXPECT_EQ(record.fields[1].type, ValType(128U));

  const VariantDef variant = type_of<VariantDef>({0x71, 2, 1, 'a', 0, 0, 1, 'b', 1, 0x73, 0});
  ASSERT_EQ(variant.cases.size(), 2U);
  EXPECT_EQ(variant.cases[0].type, std::nullopt);
  EXPECT_EQ(variant.cases[1].type, ValType(Primitive::String));

  EXPECT_THAT(type_of<FlagsDef>({0x6e, 2, 1, 'a', 1, 'b'}).labels, ElementsAre("a", "b"));
  EXPECT_THAT(type_of<EnumDef>({0x6d, 1, 1, 'a'}).labels, ElementsAre("a"));
  EXPECT_THAT(type_of<TupleDef>({0x6f, 2, 0x7f, 3}).types,
              ElementsAre(ValType(Primitive::Bool), ValType(3U)));
}

TEST_F(ReadComponent, ListsAndWrappers) {
  EXPECT_EQ(type_of<ListDef>({0x70, 0x7d}).length, std::nullopt);
  const ListDef fixed = type_of<ListDef>({0x67, 0x7d, 0x80, 0x02});
  EXPECT_EQ(fixed.element, ValType(Primitive::U8));
  EXPECT_EQ(fixed.length, 256U);
  const MapDef map = type_of<MapDef>({0x63, 0x73, 2});
  EXPECT_EQ(map.key, ValType(Primitive::String));
  EXPECT_EQ(map.value, ValType(2U));
  EXPECT_EQ(type_of<OptionDef>({0x6b, 5}).type, ValType(5U));
  const ResultDef result = type_of<ResultDef>({0x6a, 0, 1, 0x73});
  EXPECT_EQ(result.ok, std::nullopt);
  EXPECT_EQ(result.error, ValType(Primitive::String));
  EXPECT_EQ(type_of<OwnDef>({0x69, 4}).type_index, 4U);
  EXPECT_EQ(type_of<BorrowDef>({0x68, 4}).type_index, 4U);
  EXPECT_EQ(type_of<StreamDef>({0x66, 1, 0x7d}).type, ValType(Primitive::U8));
  EXPECT_EQ(type_of<FutureDef>({0x65, 0}).type, std::nullopt);
}

TEST_F(ReadComponent, FunctionsAndResources) {
  const FuncDef func = type_of<FuncDef>({0x40, 1, 1, 'a', 0x79, 0x00, 0x73});
  EXPECT_FALSE(func.is_async);
  ASSERT_EQ(func.params.size(), 1U);
  EXPECT_EQ(func.result, ValType(Primitive::String));
  const FuncDef task = type_of<FuncDef>({0x43, 0, 0x01, 0x00});
  EXPECT_TRUE(task.is_async);
  EXPECT_EQ(task.result, std::nullopt);
  EXPECT_EQ(type_of<ResourceDef>({0x3f, 0x7f, 0}).destructor, std::nullopt);
  const ResourceDef resource = type_of<ResourceDef>({0x3f, 0x7f, 1, 9});
  EXPECT_EQ(resource.representation, 0x7f);
  EXPECT_EQ(resource.destructor, 9U);
}

TEST_F(ReadComponent, InstanceAndComponentTypes) {
  const InstanceTypeDef instance = type_of<InstanceTypeDef>(
      {0x42, 4,                                        // four declarations
       0x00, 0x4e, 2,    0x60, 0,    0,   0x60, 0, 0,  // core recursion group of two types
       0x01, 0x42, 0,                                  // an instance type
       0x02, 0x03, 0x02, 1,    7,                      // alias outer
       0x04, 0x00, 1,    'r',  0x03, 0x01});           // export, sub resource
  ASSERT_EQ(instance.declarations.size(), 4U);
  EXPECT_EQ(std::get<CoreTypeDef>(instance.declarations[0]).count, 2U);
  EXPECT_TRUE(std::holds_alternative<InstanceTypeDef>(
      std::get<std::unique_ptr<TypeDef>>(instance.declarations[1])->type));
  const AliasDef& alias = std::get<AliasDef>(instance.declarations[2]);
  EXPECT_EQ(alias.target, AliasDef::Target::Outer);
  EXPECT_EQ(alias.sort, Sort::Type);
  EXPECT_EQ(alias.count, 1U);
  EXPECT_EQ(alias.index, 7U);
  const ExportDecl& exported = std::get<ExportDecl>(instance.declarations[3]);
  EXPECT_EQ(exported.name.text, "r");
  EXPECT_EQ(exported.desc.kind, ExternDesc::Kind::SubResource);

  const ComponentTypeDef type = type_of<ComponentTypeDef>({0x41, 1, 0x03, 0x00, 1, 'f', 0x01, 0});
  EXPECT_EQ(std::get<ImportDecl>(type.declarations.front()).name.text, "f");
}

TEST_F(ReadComponent, EveryKindOfImport) {
  EXPECT_EQ(desc_of({0x00, 0x11, 3}).kind, ExternDesc::Kind::CoreModule);
  EXPECT_EQ(desc_of({0x01, 3}).kind, ExternDesc::Kind::Func);
  EXPECT_EQ(desc_of({0x02, 0x73}).type, ValType(Primitive::String));
  EXPECT_EQ(desc_of({0x02, 0x73}).kind, ExternDesc::Kind::ValueType);
  EXPECT_EQ(desc_of({0x03, 0x00, 3}).kind, ExternDesc::Kind::TypeEq);
  EXPECT_EQ(desc_of({0x03, 0x01}).kind, ExternDesc::Kind::SubResource);
  EXPECT_EQ(desc_of({0x04, 3}).kind, ExternDesc::Kind::Component);
  EXPECT_EQ(desc_of({0x05, 3}).kind, ExternDesc::Kind::Instance);
  EXPECT_EQ(desc_of({0x05, 3}).index, 3U);
}

TEST_F(ReadComponent, NameAttributes) {
  const Bytes import = join({{1, 0x02},
                             name("a"),
                             {3},
                             {0x02},
                             name("id"),
                             {0x00},
                             name("n:p/i"),
                             {0x01},
                             name(".2.3"),
                             {0x05, 0}});
  const Bytes bytes = component({section(10, import)});
  const ImportDef read = only<ImportDef>(bytes);
  EXPECT_EQ(
      read.name,
      (Name{.text = "a", .implements = "n:p/i", .version_suffix = ".2.3", .external_id = "id"}));
  EXPECT_EQ(read.span, (ByteSpan{11, bytes.size()}));
  const Bytes old = component({section(10, {1, 0x01, 1, 'a', 0x05, 0})});
  EXPECT_EQ(only<ImportDef>(old).name, Name{.text = "a"});
}

TEST_F(ReadComponent, ExportsWithAndWithoutType) {
  const Bytes plain = component({section(11, {1, 0x00, 1, 'a', 0x01, 4, 0x00})});
  EXPECT_EQ(only<ExportDef>(plain).item, (SortIndex{Sort::Func, 4}));
  EXPECT_FALSE(only<ExportDef>(plain).ascription);
  const Bytes ascribed = component({section(11, {1, 0x00, 1, 'a', 0x00, 0x11, 4, 0x01, 0x05, 6})});
  EXPECT_EQ(only<ExportDef>(ascribed).item, (SortIndex{Sort::CoreModule, 4}));
  EXPECT_EQ(only<ExportDef>(ascribed).ascription->index, 6U);
}

TEST_F(ReadComponent, Aliases) {
  const auto alias = [this](const Bytes& bytes) {
    return only<AliasDef>(component({section(6, join({{1}, bytes}))}));
  };
  EXPECT_EQ(alias({0x05, 0x00, 3, 1, 'a'}).sort, Sort::Instance);
  EXPECT_EQ(alias({0x05, 0x00, 3, 1, 'a'}).instance, 3U);
  EXPECT_EQ(alias({0x00, 0x02, 0x01, 3, 1, 'a'}).sort, Sort::CoreMemory);
  EXPECT_EQ(alias({0x00, 0x02, 0x01, 3, 1, 'a'}).target, AliasDef::Target::CoreExport);
  EXPECT_EQ(alias({0x00, 0x11, 0x02, 1, 2}).sort, Sort::CoreModule);
}

TEST_F(ReadComponent, Instances) {
  const Bytes bytes = component({section(5, {2, 0x00, 3, 1, 1, 'a', 0x05, 7,  //
                                             0x01, 1, 0x00, 1, 'b', 0x03, 8})});
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read);
  const InstanceDef& instance = std::get<InstanceDef>(read->definitions[0]);
  EXPECT_EQ(instance.component, 3U);
  ASSERT_EQ(instance.args.size(), 1U);
  EXPECT_EQ(instance.args[0].name, "a");
  EXPECT_EQ(instance.args[0].item, (SortIndex{Sort::Instance, 7}));
  const InstanceDef& inline_exports = std::get<InstanceDef>(read->definitions[1]);
  EXPECT_EQ(inline_exports.component, std::nullopt);
  EXPECT_EQ(inline_exports.exports.at(0).item, (SortIndex{Sort::Type, 8}));
  EXPECT_EQ(inline_exports.span, (ByteSpan{18, 25}));
}

TEST_F(ReadComponent, CoreInstances) {
  const Bytes bytes = component({section(2, {2, 0x00, 3, 1, 1, 'a', 0x12, 7,  //
                                             0x01, 1, 1, 'b', 0x02, 8})});
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read);
  const CoreInstanceDef& instance = std::get<CoreInstanceDef>(read->definitions[0]);
  EXPECT_EQ(instance.module, 3U);
  EXPECT_EQ(instance.args.at(0).item, (SortIndex{Sort::CoreInstance, 7}));
  const CoreInstanceDef& inline_exports = std::get<CoreInstanceDef>(read->definitions[1]);
  EXPECT_EQ(inline_exports.exports.at(0).item, (SortIndex{Sort::CoreMemory, 8}));
}

TEST_F(ReadComponent, CoreTypes) {
  const auto core_type = [this](const Bytes& bytes) {
    return only<CoreTypeDef>(component({section(3, join({{1}, bytes}))}));
  };
  EXPECT_EQ(core_type({0x60, 1, 0x7f, 1, 0x7e}).count, 1U);
  EXPECT_EQ(core_type({0x00, 0x50, 0, 0x60, 0, 0}).count, 1U);     // non-final sub
  EXPECT_EQ(core_type({0x4f, 1, 3, 0x5f, 1, 0x78, 1}).count, 1U);  // struct of a packed field
  EXPECT_EQ(core_type({0x4e, 2, 0x5e, 0x63, 0, 1, 0x60, 0, 1, 0x64, 0x70}).count, 2U);
  EXPECT_EQ(core_type({0x4e, 0}).count, 0U);
  EXPECT_EQ(core_type({0x65, 0x60, 1, 0x65, 0x6f, 0}).count, 1U);  // shared
  const CoreTypeDef module =
      core_type({0x50, 4,                                  //
                 0x01, 0x60, 0,    0,                      // type
                 0x00, 1,    'm',  1,    'i',  0x00, 0,    // import of a function
                 0x02, 0x10, 0x01, 1,    0,                // outer alias
                 0x03, 1,    'e',  0x02, 0x01, 1,    2});  // export of a memory
  EXPECT_TRUE(module.is_module_type);
  EXPECT_EQ(module.span.size(), 25U);
}

TEST_F(ReadComponent, NestedComponentsAndModulesHaveSpansInTheFile) {
  const Bytes inner = component({section(7, {1, 0x73}), section(1, module({}))});
  const Bytes bytes = component({section(7, {1, 0x7f}), section(4, inner)});
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read);
  const auto& nested = std::get<std::unique_ptr<Component>>(read->definitions.at(1));
  EXPECT_EQ(nested->span, (ByteSpan{14, 14 + inner.size()}));
  EXPECT_EQ(std::get<TypeDef>(nested->definitions.at(0)).span, (ByteSpan{25, 26}));
  EXPECT_EQ(std::get<CoreModuleDef>(nested->definitions.at(1)).span, (ByteSpan{28, 36}));
}

TEST_F(ReadComponent, StartAndValues) {
  const Bytes bytes = component({section(12, {1, 0x79, 1, 42}), section(9, {3, 2, 0, 1, 1})});
  const Result<Component> read = read_component(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<ValueDef>(read->definitions.at(0)).span, (ByteSpan{11, 14}));
  const StartDef& start = std::get<StartDef>(read->definitions.at(1));
  EXPECT_EQ(start.func, 3U);
  EXPECT_THAT(start.args, ElementsAre(0U, 1U));
  EXPECT_EQ(start.results, 1U);
}

TEST_F(ReadComponent, LiftAndLowerWithEveryOption) {
  const Bytes options = {9,    0x02, 0x03, 10,   0x04, 11,   0x05, 12,
                         0x06, 0x07, 13,   0x08, 14,   0x09, 0x01};
  const CanonDef lift = only<CanonDef>(component({section(8, join({{1, 0, 0, 5}, options, {6}}))}));
  EXPECT_TRUE(lift.is_lift());
  EXPECT_EQ(lift.index, 5U);
  EXPECT_EQ(lift.type_index, 6U);
  EXPECT_EQ(lift.options.encoding, CanonOptions::Encoding::Utf16);  // the last one counts
  EXPECT_EQ(lift.options.memory, 10U);
  EXPECT_EQ(lift.options.realloc, 11U);
  EXPECT_EQ(lift.options.post_return, 12U);
  EXPECT_EQ(lift.options.callback, 13U);
  EXPECT_EQ(lift.options.core_type, 14U);
  EXPECT_TRUE(lift.options.is_async);
  EXPECT_TRUE(lift.options.is_gc);
  const CanonDef lower = only<CanonDef>(component({section(8, {1, 1, 0, 5, 0})}));
  EXPECT_FALSE(lower.is_lift());
  EXPECT_EQ(lower.index, 5U);
}

// Operands for a layout; the first index is 3.
Bytes operands(CanonLayout layout) {
  switch (layout) {
    case CanonLayout::None:
      return {};
    case CanonLayout::Index:
      return {3};
    case CanonLayout::IndexIndex:
      return {3, 4};
    case CanonLayout::IndexOptions:
      return {3, 1, 0x06};
    case CanonLayout::IndexFlag:
      return {3, 1};
    case CanonLayout::Flag:
      return {1};
    case CanonLayout::FlagIndex:
      return {0, 3};
    case CanonLayout::Options:
      return {1, 0x06};
    case CanonLayout::ResultOptions:
      return {0x00, 0x79, 1, 0x06};
    case CanonLayout::CoreTypeSlot:
      return {0x7f, 3};
    case CanonLayout::Lift:
      return {0, 3, 1, 0x06, 4};
    case CanonLayout::Lower:
      return {0, 3, 1, 0x06};
  }
  return {};
}

TEST_F(ReadComponent, EveryCanonicalFunction) {
  struct Row {
    std::uint8_t opcode;
    CanonLayout layout;
  };
  const Row rows[] = {
#define TENON_CANON(opcode, text, layout) {opcode, CanonLayout::layout},
#include "binary/opcodes.def"
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(canon_text(row.opcode));
    const Bytes parts = operands(row.layout);
    const CanonDef canon = only<CanonDef>(component({section(8, join({{1, row.opcode}, parts}))}));
    EXPECT_EQ(canon.opcode, row.opcode);
    EXPECT_EQ(canon.span.size(), parts.size() + 1);
    if (row.layout != CanonLayout::None && row.layout != CanonLayout::Flag &&
        row.layout != CanonLayout::Options && row.layout != CanonLayout::ResultOptions) {
      EXPECT_EQ(canon.index, 3U);
    }
  }
}

}  // namespace
}  // namespace tenon::binary::read_component_test

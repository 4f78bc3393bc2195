// The syntax tree of a component binary: its definitions in file order, with byte spans. There is
// one struct per production of the grammar. `read_component` makes the tree, `types` evaluates it.
//
// Nothing is validated here: an index is a position in a wasm index space of its scope, and may be
// out of range; names may be invalid or duplicate.
//
// Lifetime: names are views into the bytes that were read, which must outlive the `Component`.
// Source: component-model Binary.md (docs/spec_versions.md), wasmparser 0.254 for what the engine
// adds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace tenon::binary {

// Bytes [begin, end) of the outermost file.
struct ByteSpan {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  bool operator==(const ByteSpan&) const = default;
};

// The productions core:sort and sort in one enumeration.
enum class Sort : std::uint8_t {
  CoreFunc,
  CoreTable,
  CoreMemory,
  CoreGlobal,
  CoreTag,
  CoreType,
  CoreModule,
  CoreInstance,
  Func,
  Value,
  Type,
  Component,
  Instance,
};

struct SortIndex {
  Sort sort = Sort::Func;
  std::uint32_t index = 0;

  bool operator==(const SortIndex&) const = default;
};

// nameattributes: the name and its attributes, each at most once.
struct Name {
  std::string_view text = {};
  std::optional<std::string_view> implements = {};      // an interface name
  std::optional<std::string_view> version_suffix = {};  // completes a canonical version
  std::optional<std::string_view> external_id = {};

  bool operator==(const Name&) const = default;
};

// primvaltype
enum class Primitive : std::uint8_t {
  Bool,
  S8,
  U8,
  S16,
  U16,
  S32,
  U32,
  S64,
  U64,
  F32,
  F64,
  Char,
  String,
  ErrorContext,
};

// valtype ::= typeidx | primvaltype
using ValType = std::variant<Primitive, std::uint32_t>;

struct LabelledType {
  std::string_view label = {};
  ValType type = {};
};
struct CaseType {
  std::string_view label = {};
  std::optional<ValType> type = {};
};

// defvaltype: one struct per production
struct RecordDef {
  std::vector<LabelledType> fields = {};
};
struct VariantDef {
  std::vector<CaseType> cases = {};
};
struct ListDef {
  ValType element = {};
  std::optional<std::uint32_t> length = {};  // a fixed-length list
};
struct MapDef {
  ValType key = {};
  ValType value = {};
};
struct TupleDef {
  std::vector<ValType> types = {};
};
struct FlagsDef {
  std::vector<std::string_view> labels = {};
};
struct EnumDef {
  std::vector<std::string_view> labels = {};
};
struct OptionDef {
  ValType type = {};
};
struct ResultDef {
  std::optional<ValType> ok = {};
  std::optional<ValType> error = {};
};
struct OwnDef {
  std::uint32_t type_index;
};
struct BorrowDef {
  std::uint32_t type_index;
};
struct StreamDef {
  std::optional<ValType> type = {};
};
struct FutureDef {
  std::optional<ValType> type = {};
};

// functype
struct FuncDef {
  bool is_async = false;
  std::vector<LabelledType> params = {};
  std::optional<ValType> result = {};
};

// resourcetype
struct ResourceDef {
  std::uint8_t representation = 0x7f;  // core:valtype, i32
  std::optional<std::uint32_t> destructor = {};
};

// core:type. Kept as bytes: a linker only needs to know how many indices it takes.
struct CoreTypeDef {
  ByteSpan span = {};
  bool is_module_type = false;
  std::uint32_t count = 1;  // number of types: the size of a recursion group, else 1
};

// core:externtype
struct CoreExtern {
  enum class Kind : std::uint8_t { Func, Table, Memory, Global, Tag };
  Kind kind = Kind::Func;
  std::uint32_t type_index = 0;  // Func, Tag: the function type
  ByteSpan type;                 // Table, Memory, Global: the bytes of the type

  bool operator==(const CoreExtern&) const = default;
};

// externtype: the type of an import or export
struct ExternDesc {
  enum class Kind : std::uint8_t {
    CoreModule,  // index: core type
    Func,        // index: type
    ValueEq,     // index: value; in Binary.md, but neither the engine nor `read_component` reads it
    ValueType,   // type
    TypeEq,      // index: type
    SubResource,  // nothing
    Component,    // index: type
    Instance,     // index: type
  };
  Kind kind = Kind::Func;
  std::uint32_t index = 0;
  std::optional<ValType> type = {};
};

struct AliasDef {
  enum class Target : std::uint8_t { Export, CoreExport, Outer };
  Sort sort = Sort::Func;
  Target target = Target::Export;
  std::uint32_t instance = 0;  // Export: instance; CoreExport: core instance
  std::string_view name = {};  // Export, CoreExport
  std::uint32_t count = 0;     // Outer: scopes outward, 0 is this one
  std::uint32_t index = 0;     // Outer: in the scope's index space of `sort`
};

struct TypeDef;
struct ImportDecl {
  Name name = {};
  ExternDesc desc = {};
  ByteSpan span = {};
};
struct ExportDecl {
  Name name = {};
  ExternDesc desc = {};
  ByteSpan span = {};
};

// instancedecl and componentdecl. Only component types contain an ImportDecl.
using TypeDecl =
    std::variant<CoreTypeDef, std::unique_ptr<TypeDef>, AliasDef, ImportDecl, ExportDecl>;

struct ComponentTypeDef {
  std::vector<TypeDecl> declarations;
};
struct InstanceTypeDef {
  std::vector<TypeDecl> declarations;
};

// deftype
using TypeExpr = std::variant<Primitive, RecordDef, VariantDef, ListDef, MapDef, TupleDef, FlagsDef,
                              EnumDef, OptionDef, ResultDef, OwnDef, BorrowDef, StreamDef,
                              FutureDef, FuncDef, ComponentTypeDef, InstanceTypeDef, ResourceDef>;
struct TypeDef {
  TypeExpr type;
  ByteSpan span;
};

// (core) instances
struct InstantiateArg {
  std::string_view name = {};
  SortIndex item = {};
};
struct InlineExport {
  Name name = {};
  SortIndex item = {};
};
struct CoreInstanceDef {
  std::optional<std::uint32_t> module = {};  // absent: inline exports
  std::vector<InstantiateArg> args = {};
  std::vector<InlineExport> exports = {};
  ByteSpan span = {};
};
struct InstanceDef {
  std::optional<std::uint32_t> component = {};  // absent: inline exports
  std::vector<InstantiateArg> args = {};
  std::vector<InlineExport> exports = {};
  ByteSpan span = {};
};

// canonopt
struct CanonOptions {
  enum class Encoding : std::uint8_t { Utf8, Utf16, Latin1Utf16 };
  Encoding encoding = Encoding::Utf8;
  std::optional<std::uint32_t> memory = {};
  std::optional<std::uint32_t> realloc = {};
  std::optional<std::uint32_t> post_return = {};
  std::optional<std::uint32_t> callback = {};
  std::optional<std::uint32_t> core_type = {};
  bool is_async = false;
  bool is_gc = false;
};

// canon. `lift` defines a component function, all others a core function.
struct CanonDef {
  std::uint8_t opcode = 0;  // a row of opcodes.def
  std::uint32_t index = 0;  // lift: core func; lower: func; else the first index operand, if any
  std::uint32_t type_index = 0;  // lift: the function type
  CanonOptions options = {};
  ByteSpan span = {};

  [[nodiscard]] bool is_lift() const { return opcode == 0x00; }
};

struct StartDef {
  std::uint32_t func = 0;
  std::vector<std::uint32_t> args = {};
  std::uint32_t results = 0;
};

struct ImportDef {
  Name name = {};
  ExternDesc desc = {};
  ByteSpan span = {};
};
struct ExportDef {
  Name name = {};
  SortIndex item = {};
  std::optional<ExternDesc> ascription = {};
  ByteSpan span = {};
};

struct CoreModuleDef {
  ByteSpan span = {};  // includes the preamble
};
struct CustomSection {
  std::string_view name = {};
  ByteSpan span = {};  // the contents after the name
};
// A value definition. Its contents are skipped: tenon does not link values.
struct ValueDef {
  ByteSpan span = {};
};

struct Component;

using Definition = std::variant<CoreModuleDef, CoreInstanceDef, CoreTypeDef,
                                std::unique_ptr<Component>, InstanceDef, AliasDef, TypeDef,
                                CanonDef, StartDef, ImportDef, ExportDef, ValueDef, CustomSection>;

struct Component {
  Component();
  Component(Component&& other) noexcept;
  Component& operator=(Component&& other) noexcept;
  ~Component();

  ByteSpan span;  // includes the preamble
  std::vector<Definition> definitions;
};

}  // namespace tenon::binary

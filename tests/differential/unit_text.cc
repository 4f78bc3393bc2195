// The text of a unit: its imports, its core code, and its exports.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abi/layout.h"
#include "support/check.h"
#include "tests/differential/world.h"
#include "types/print_type.h"

namespace tenon::differential {
namespace {

using types::TypeId;

std::string_view name_of(abi::CoreType type) {
  switch (type) {
    case abi::CoreType::I32:
      return "i32";
    case abi::CoreType::I64:
      return "i64";
    case abi::CoreType::F32:
      return "f32";
    case abi::CoreType::F64:
      return "f64";
  }
  return {};
}

std::string name_all(std::string_view keyword, std::span<const abi::CoreType> types) {
  std::string text;
  for (const abi::CoreType type : types) text += fmt::format(" ({} {})", keyword, name_of(type));
  return text;
}

std::string_view name_of(abi::Encoding encoding) {
  return encoding == abi::Encoding::Utf8    ? "utf8"
         : encoding == abi::Encoding::Utf16 ? "utf16"
                                            : "latin1+utf16";
}

// The identifiers of types in a scope: `$t12`, and `$x12` for those that were exported there.
struct Names {
  char type = 't';
  char resource = 'r';
  std::set<TypeId> exported_types = {};
  std::set<unsigned> exported_resources = {};

  [[nodiscard]] std::string of(TypeId id) const {
    return fmt::format("${}{}", exported_types.contains(id) ? 'x' : type, id.index);
  }
  [[nodiscard]] std::string of(unsigned id) const {
    return fmt::format("${}{}", exported_resources.contains(id) ? 'y' : resource, id);
  }
};

// Writes types in a scope.
class TypeText final {
 public:
  TypeText(const World& world, Names names) : world_(world), names_(std::move(names)) {}

  [[nodiscard]] std::string use(TypeId id) const {
    return world_.owners.contains(id) ? names_.of(id) : define(id);
  }
  [[nodiscard]] std::string define(TypeId id) const {
    return std::visit([this](const auto& kind) { return text_of(kind); },
                      world_.types.types[id].kind);
  }
  [[nodiscard]] std::string signature(const types::Function& function) const {
    std::string text = function.is_async ? "async" : "";
    for (const types::Field& param : function.params)
      text += fmt::format(" (param \"{}\" {})", param.label, use(param.type));
    return text + result(function);
  }
  [[nodiscard]] std::string result(const types::Function& function) const {
    return function.result ? fmt::format(" (result {})", use(*function.result)) : "";
  }

 private:
  [[nodiscard]] std::string part(std::optional<TypeId> id) const {
    return id ? " " + use(*id) : "";
  }
  static std::string labels(const std::vector<std::string>& labels) {
    return fmt::format("\"{}\"", fmt::join(labels, "\" \""));
  }
  [[nodiscard]] std::string text_of(types::Primitive kind) const {
    return std::string(types::print_primitive(kind));
  }
  [[nodiscard]] std::string text_of(const types::List& list) const {
    return fmt::format("(list {}{})", use(list.element),
                       list.length ? fmt::format(" {}", *list.length) : "");
  }
  [[nodiscard]] std::string text_of(const types::Map& map) const {
    return fmt::format("(map {} {})", use(map.key), use(map.value));
  }
  [[nodiscard]] std::string text_of(const types::Tuple& tuple) const {
    std::string text = "(tuple";
    for (const TypeId type : tuple.types) text += part(type);
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Record& record) const {
    std::string text = "(record";
    for (const types::Field& field : record.fields)
      text += fmt::format(" (field \"{}\" {})", field.label, use(field.type));
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Variant& variant) const {
    std::string text = "(variant";
    for (const types::Case& one : variant.cases)
      text += fmt::format(" (case \"{}\"{})", one.label, part(one.type));
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Option& option) const {
    return fmt::format("(option{})", part(option.type));
  }
  [[nodiscard]] std::string text_of(const types::ResultType& result) const {
    const std::string error = result.error ? fmt::format(" (error{})", part(result.error)) : "";
    return fmt::format("(result{}{})", part(result.ok), error);
  }
  [[nodiscard]] std::string text_of(const types::Enum& plain) const {
    return fmt::format("(enum {})", labels(plain.labels));
  }
  [[nodiscard]] std::string text_of(const types::Flags& flags) const {
    return fmt::format("(flags {})", labels(flags.labels));
  }
  [[nodiscard]] std::string text_of(const types::Own& own) const {
    return fmt::format("(own {})", names_.of(own.resource.index));
  }
  [[nodiscard]] std::string text_of(const types::Borrow& borrow) const {
    return fmt::format("(borrow {})", names_.of(borrow.resource.index));
  }
  template <class Other>
  std::string text_of(const Other& /*other*/) const {
    TENON_CHECK(false);
    return {};
  }

  const World& world_;
  Names names_;
};

constexpr std::size_t kMaxAsyncParams = 4;
constexpr std::string_view kMemory = R"((core module $memory
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
        (i32.sub (i32.shr_u (global.get $free) (i32.const 16)) (memory.size))))) (then unreachable))))
    (memory.copy (local.get $at) (local.get $old)
      (select (local.get $old_size) (local.get $size) (i32.lt_u (local.get $old_size) (local.get $size))))
    (local.get $at))
)";

// The core code of one function. Its parameters are the locals 0, 1, ...; $at is their address in memory.
class FunctionCode final {
 public:
  FunctionCode(const World& world, const Function& function)
      : layout_(*abi::lay_out_function(world.types, function.type)),
        params_(layout_.layouts[layout_.params]) {}

  [[nodiscard]] bool has_flat_params() const { return params_.flat.fits(); }
  [[nodiscard]] std::vector<abi::CoreType> params() const {
    return core_types(params_.flat, has_flat_params());
  }
  [[nodiscard]] std::vector<abi::CoreType> result(std::size_t most) const {
    if (!layout_.result) return {};
    const abi::FlatTypes& flat = layout_.layouts[*layout_.result].flat;
    return core_types(flat, flat.fits(most));
  }
  [[nodiscard]] bool has_flat_result(std::size_t most) const {
    return !layout_.result || layout_.layouts[*layout_.result].flat.fits(most);
  }
  [[nodiscard]] const abi::LayoutPart& part(std::size_t param) const {
    return params_.parts[param];
  }
  [[nodiscard]] std::size_t flat_count(std::size_t param) const {
    return layout_.layouts[*part(param).layout].flat.count();
  }
  [[nodiscard]] std::size_t count() const { return params_.parts.size(); }
  // An i32 of a parameter that is a handle.
  [[nodiscard]] std::string handle(std::size_t param) const {
    return has_flat_params()
               ? fmt::format("(local.get {})", part(param).flat_offset)
               : fmt::format("(i32.load offset={} (local.get 0))", part(param).offset);
  }
  [[nodiscard]] std::string set_handle(std::size_t param, std::string_view to) const {
    return has_flat_params()
               ? fmt::format(" (local.set {} {})", part(param).flat_offset, to)
               : fmt::format(" (i32.store offset={} (local.get 0) {})", part(param).offset, to);
  }
  [[nodiscard]] std::string all_params() const {
    std::string text;
    for (std::size_t i = 0; i < params().size(); ++i) text += fmt::format(" (local.get {})", i);
    return text;
  }
  // Sets $at.
  [[nodiscard]] std::string store_params() const {
    if (!has_flat_params()) return " (local.set $at (local.get 0))";
    return allocate("$at", params_) + store(params_, 0, 0);
  }
  // The flat values of a result that is in memory.
  // base: a local
  [[nodiscard]] std::string load_result(std::string_view base, std::uint32_t at) const {
    const abi::Layout& result = layout_.layouts[*layout_.result];
    return load(result, base, at, result.flat.types());
  }
  // Sets a local to the address of a new result.
  [[nodiscard]] std::string allocate_result(std::string_view local) const {
    return allocate(local, layout_.layouts[*layout_.result]);
  }

 private:
  static std::vector<abi::CoreType> core_types(const abi::FlatTypes& flat, bool is_flat) {
    if (!is_flat) return {abi::CoreType::I32};
    return {flat.types().begin(), flat.types().end()};
  }
  static std::string allocate(std::string_view local, const abi::Layout& layout) {
    return fmt::format(
        " (local.set {} (call $realloc (i32.const 0) (i32.const 0) (i32.const {}) (i32.const {})))",
        local, layout.align, layout.size);
  }

  // A flat value as its own type: cases of a variant share their places.
  [[nodiscard]] std::string get(std::size_t flat, abi::CoreType as) const {
    const abi::CoreType is = params_.flat.types()[flat];
    std::string text = fmt::format("(local.get {})", flat);
    if (is == as) return text;
    if (is == abi::CoreType::I64 && as != abi::CoreType::F64)
      text = fmt::format("(i32.wrap_i64 {})", text);
    if (as == abi::CoreType::F32) text = fmt::format("(f32.reinterpret_i32 {})", text);
    if (as == abi::CoreType::F64) text = fmt::format("(f64.reinterpret_i64 {})", text);
    return text;
  }

  [[nodiscard]] std::string store_number(std::uint32_t size, abi::CoreType type, std::size_t flat,
                                         std::uint32_t at) const {
    const bool is_whole =
        size == (type == abi::CoreType::I32 || type == abi::CoreType::F32 ? 4 : 8);
    return fmt::format(" ({}.store{} offset={} (local.get $at) {})", name_of(type),
                       is_whole ? "" : std::to_string(8 * size), at, get(flat, type));
  }

  [[nodiscard]] std::string store(const abi::Layout& layout, std::size_t flat,
                                  std::uint32_t at) const {
    using S = abi::Shape;
    std::string text;
    switch (layout.shape) {
      case S::String:
      case S::List:
        return store_number(4, abi::CoreType::I32, flat, at) +
               store_number(4, abi::CoreType::I32, flat + 1, at + 4);
      case S::FixedList: {
        const abi::Layout& element = layout_.layouts[*layout.parts[0].layout];
        for (std::uint32_t i = 0; i < layout.count; ++i)
          text += store(element, flat + i * element.flat.count(), at + i * element.size);
        return text;
      }
      case S::Record:
        for (const abi::LayoutPart& part : layout.parts)
          text += store(layout_.layouts[*part.layout], flat + part.flat_offset, at + part.offset);
        return text;
      case S::Variant: {
        text = store_number(layout.discriminant_size, abi::CoreType::I32, flat, at);
        for (std::size_t i = 0; i < layout.parts.size(); ++i) {
          const abi::LayoutPart& part = layout.parts[i];
          if (!part.layout) continue;
          text += fmt::format(
              " (if (i32.eq {} (i32.const {})) (then{}))", get(flat, abi::CoreType::I32), i,
              store(layout_.layouts[*part.layout], flat + part.flat_offset, at + part.offset));
        }
        return text;
      }
      default:
        return store_number(layout.size, layout.flat.types()[0], flat, at);
    }
  }

  using CoreTypes = std::span<const abi::CoreType>;

  // as: the types of the places that the flat values are for.
  [[nodiscard]] std::string load(const abi::Layout& layout, std::string_view base, std::uint32_t at,
                                 CoreTypes as) const {
    using S = abi::Shape;
    using C = abi::CoreType;
    std::string text;
    const auto load_part = [&](const abi::LayoutPart& part, CoreTypes places) {
      const abi::Layout& inner = layout_.layouts[*part.layout];
      return load(inner, base, at + part.offset,
                  places.subspan(part.flat_offset, inner.flat.count()));
    };
    switch (layout.shape) {
      case S::String:
      case S::List:
        return load_number(base, 4, "", C::I32, at, as[0]) +
               load_number(base, 4, "", C::I32, at + 4, as[1]);
      case S::FixedList: {
        const abi::Layout& element = layout_.layouts[*layout.parts[0].layout];
        for (std::uint32_t i = 0; i < layout.count; ++i)
          text += load(element, base, at + i * element.size,
                       as.subspan(i * element.flat.count(), element.flat.count()));
        return text;
      }
      case S::Record:
        for (const abi::LayoutPart& part : layout.parts) text += load_part(part, as);
        return text;
      case S::Variant: {
        text = load_number(base, layout.discriminant_size, "_u", C::I32, at, as[0]);
        if (as.size() == 1) return text;
        const std::string number =
            load_number(base, layout.discriminant_size, "_u", C::I32, at, C::I32);
        std::string end;
        for (std::size_t i = 0; i < layout.parts.size(); ++i) {
          const abi::LayoutPart& part = layout.parts[i];
          std::size_t done = 1;
          std::string payload;
          if (part.layout) {
            payload = load_part(part, as);
            done = part.flat_offset + layout_.layouts[*part.layout].flat.count();
          }
          for (const C place : as.subspan(done))
            payload += fmt::format(" ({}.const 0)", name_of(place));
          text += fmt::format(" (if{} (i32.eq{} (i32.const {})) (then{}) (else",
                              name_all("result", as.subspan(1)), number, i, payload);
          end += "))";
        }
        return text + " unreachable" + end;
      }
      default: {
        const bool is_signed = layout.shape == S::S8 || layout.shape == S::S16;
        return load_number(base, layout.size, is_signed ? "_s" : "_u", layout.flat.types()[0], at,
                           as[0]);
      }
    }
  }

  static std::string load_number(std::string_view base, std::uint32_t size, std::string_view sign,
                                 abi::CoreType type, std::uint32_t at, abi::CoreType as) {
    using C = abi::CoreType;
    const bool is_whole = size == (type == C::I32 || type == C::F32 ? 4 : 8);
    std::string text = fmt::format("({}.load{} offset={} (local.get {}))", name_of(type),
                                   is_whole ? "" : fmt::format("{}{}", 8 * size, sign), at, base);
    if (type != as && type == C::F32) text = fmt::format("(i32.reinterpret_f32 {})", text);
    if (type != as && type == C::F64) text = fmt::format("(i64.reinterpret_f64 {})", text);
    if (as == C::I64 && (type == C::I32 || type == C::F32))
      text = fmt::format("(i64.extend_i32_u {})", text);
    return " " + text;
  }

  abi::FunctionLayout layout_;
  const abi::Layout& params_;
};

class UnitText final {
 public:
  UnitText(const World& world, std::size_t number)
      : world_(world), unit_(world.units[number]), number_(number) {}

  std::string text() {
    out_ = "(component\n";
    for (const unsigned interface : imports_of(world_, number_)) import_interface(interface);
    if (unit_.kind == Unit::Kind::Pass) {
      for (const unsigned i : unit_.exports) out_ += export_text(i, fmt::format("$in{}", i));
      return out_ + ")\n";
    }
    define_memory();
    if (unit_.provides())
      for (const unsigned interface : unit_.exports) define_types(interface);
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) {
      if (unit_.has_export(i) && unit_.provides())
        add_core("new", i, fmt::format("canon resource.new $r{}", i), "(param i32) (result i32)");
      else if (is_imported(i))
        add_core("drop", i, fmt::format("canon resource.drop $r{}", i), "(param i32)");
      if (is_imported(i) && unit_.provides() && world_.interfaces[i].has_resource) {
        add_core("get", i, fmt::format("canon lower (func $in{0} \"[method]r{0}.get\")", i),
                 "(param i32) (result i32)");
      }
    }
    for (const unsigned interface : unit_.exports)
      for (const Function& function : world_.interfaces[interface].functions)
        write_function(interface, function);
    out_ += fmt::format(R"({}(core module $code
  (import "m" "memory" (memory 1))
  (import "m" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
{}{}  (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
(core instance $code (instantiate $code (with "m" (instance $m)) (with "x" (instance{}))))
{})",
                        core_functions_, core_imports_, code_, items_, functions_);
    for (const unsigned interface : unit_.exports) export_interface(interface);
    return out_ + ")\n";
  }

 private:
  [[nodiscard]] bool is_imported(unsigned interface) const {
    return std::ranges::count(imports_of(world_, number_), interface) != 0;
  }
  [[nodiscard]] bool has_resource(unsigned interface) const {
    return world_.interfaces[interface].has_resource;
  }

  // The types of other interfaces that an interface mentions.
  [[nodiscard]] std::set<TypeId> used_types(unsigned interface) const {
    std::set<TypeId> used;
    const auto visit = [&](TypeId id) {
      const auto owner = world_.owners.find(id);
      const bool is_foreign = owner != world_.owners.end() && owner->second != interface;
      if (is_foreign) used.insert(id);
      return !is_foreign;
    };
    for (const TypeId id : world_.interfaces[interface].named) visit_types(world_.types, id, visit);
    for (const Function& function : world_.interfaces[interface].functions) {
      for (const types::Field& param : function.type.params)
        visit_types(world_.types, param.type, visit);
      if (function.type.result) visit_types(world_.types, *function.type.result, visit);
    }
    return used;
  }

  static std::string name_text(const std::string& name, const std::string& plain) {
    return name == plain ? fmt::format("\"{}\"", name)
                         : fmt::format("\"{}\" (implements \"{}\")", name, plain);
  }
  [[nodiscard]] std::string export_text(unsigned interface, std::string_view instance) const {
    return fmt::format("(export $ex{} {} (instance {}))\n", interface,
                       name_text(export_name(world_, number_, interface),
                                 exported_interface(world_, number_, interface)),
                       instance);
  }

  void import_interface(unsigned interface) {
    const Interface& imported = world_.interfaces[interface];
    const TypeText inner(world_, {.type = 'u', .resource = 'v'});
    out_ += fmt::format("(import \"{}\" (instance $in{}\n", import_name(world_, number_, interface),
                        interface);
    for (const TypeId id : used_types(interface))
      out_ += fmt::format("  (export \"t{0}\" (type $u{0} (eq $t{0})))\n", id.index);
    for (const unsigned used : used_by(world_, interface))
      if (has_resource(used))
        out_ += fmt::format("  (export \"r{0}\" (type $v{0} (eq $r{0})))\n", used);
    if (imported.has_resource)
      out_ += fmt::format("  (export \"r{0}\" (type $v{0} (sub resource)))\n", interface);
    if (imported.has_alias)
      out_ += fmt::format("  (export \"q{0}\" (type (eq $v{0})))\n", interface);
    for (const TypeId id : imported.named)
      out_ += fmt::format("  (type $d{0} {1}) (export \"t{0}\" (type $u{0} (eq $d{0})))\n",
                          id.index, inner.define(id));
    for (const Function& function : imported.functions)
      out_ += fmt::format("  (export \"{}\" (func {}))\n", function.name,
                          inner.signature(function.type));
    out_ += "))\n";
    for (const TypeId id : imported.named)
      out_ += fmt::format("(alias export $in{1} \"t{0}\" (type $t{0}))\n", id.index, interface);
    if (imported.has_resource)
      out_ += fmt::format("(alias export $in{0} \"r{0}\" (type $r{0}))\n", interface);
  }

  void define_memory() {
    out_ += kMemory;
    for (const unsigned i : unit_.exports)
      out_ += fmt::format(
          "  (global $c{0} (export \"c{0}\") (mut i32) (i32.const 0))\n"
          "  (func (export \"d{0}\") (param i32) (global.set $c{0} (i32.add (i32.const 1) "
          "(global.get $c{0}))))\n",
          i);
    out_ += ")\n(core instance $m (instantiate $memory))\n";
    for (const unsigned i : unit_.exports)
      core_imports_ += fmt::format("  (import \"m\" \"c{0}\" (global $c{0} (mut i32)))\n", i);
  }

  void define_types(unsigned interface) {
    if (has_resource(interface))
      out_ +=
          fmt::format("(type $r{0} (resource (rep i32) (dtor (func $m \"d{0}\"))))\n", interface);
    for (const TypeId id : world_.interfaces[interface].named)
      out_ += fmt::format("(type $t{} {})\n", id.index, outer_.define(id));
  }

  void add_core(std::string_view name, unsigned interface, std::string_view canon,
                std::string_view type) {
    if (has_resource(interface)) add_core(fmt::format("{}{}", name, interface), canon, type);
  }
  // A core function for the code.
  void add_core(const std::string& name, std::string_view canon, std::string_view type) {
    core_functions_ += fmt::format("(core func ${} ({}))\n", name, canon);
    items_ += fmt::format(" (export \"{0}\" (func ${0}))", name);
    core_imports_ += fmt::format("  (import \"x\" \"{0}\" (func ${0} {1}))\n", name, type);
  }

  [[nodiscard]] std::string options() const {
    return fmt::format("(memory $m \"memory\") (realloc (func $m \"realloc\")) string-encoding={}",
                       name_of(unit_.encoding));
  }

  void write_function(unsigned interface, const Function& function) {
    const std::string name = fmt::format("g{}-{}", interface, count_++);
    functions_of_[interface].push_back(name);
    const FunctionCode code(world_, function);
    const bool has_callback = function.type.is_async && unit_.lifts_with_callback;
    if (has_callback) {
      add_core("return-" + name,
               fmt::format("canon task.return{} (memory $m \"memory\") string-encoding={}",
                           outer_.result(function.type), name_of(unit_.encoding)),
               name_all("param", code.result(abi::kMaxFlatParams)));
    }
    const std::string body = unit_.provides()
                                 ? provide(interface, function, code, name, has_callback)
                                 : relay(interface, function, code, name, has_callback);
    code_ += fmt::format(
        "  (func (export \"{}\"){}{} (local $at i32) (local $to i32) (local $status i32){})\n",
        name, name_all("param", code.params()),
        has_callback ? " (result i32)" : name_all("result", code.result(abi::kMaxFlatResults)),
        body);
    functions_ += fmt::format("(func ${0} {1} (canon lift (core func $code \"{0}\") {2}{3}))\n",
                              name, outer_.signature(function.type), options(),
                              has_callback ? " async (callback (func $code \"callback\"))" : "");
  }

  std::string provide(unsigned interface, const Function& function, const FunctionCode& code,
                      const std::string& name, bool has_callback) {
    using Role = Function::Role;
    const std::size_t most = has_callback ? abi::kMaxFlatParams : abi::kMaxFlatResults;
    const bool has_address =
        function.fault == Function::Fault::BadAddress && !code.has_flat_result(most);
    if (unit_.kind == Unit::Kind::Decoy ||
        (function.fault != Function::Fault::None && !has_address))
      return " unreachable";
    if (function.role == Role::Make) return fmt::format(" (call $new{} (local.get 0))", interface);
    if (function.role == Role::Get) return " (local.get 0)";
    if (function.role == Role::Dropped) return fmt::format(" (global.get $c{})", interface);
    std::string body;
    for (std::size_t i = 0; i < code.count(); ++i) {
      const types::Borrow* const borrow = as_borrow(world_.types, function.type.params[i].type);
      // In its own component, a borrow is the number.
      if (borrow == nullptr || unit_.has_export(borrow->resource.index)) continue;
      const std::string handle = code.handle(i);
      body += fmt::format(" (local.set $status (call $get{0} {1})) (call $drop{0} {1})",
                          borrow->resource.index, handle) +
              code.set_handle(i, "(local.get $status)");
    }
    body += code.store_params();
    std::string result;
    if (function.type.result) {
      const std::size_t first = function.answer == Function::Answer::Last ? code.count() - 1 : 0;
      if (code.has_flat_result(most) && !code.has_flat_params()) {
        result = code.load_result("$at", code.part(first).offset);
      } else if (code.has_flat_result(most)) {
        const std::size_t begin = code.part(first).flat_offset;
        for (std::size_t i = 0; i < code.result(most).size(); ++i)
          result += fmt::format(" (local.get {})", begin + i);
      } else if (has_address) {
        result = " (i32.const 0xfffffff0)";
      } else {
        result = fmt::format(" (i32.add (local.get $at) (i32.const {}))", code.part(first).offset);
      }
    }
    return has_callback ? body + fmt::format(" (call $return-{}{}) (i32.const 0)", name, result)
                        : body + result;
  }

  std::string relay(unsigned interface, const Function& function, const FunctionCode& code,
                    const std::string& name, bool has_callback) {
    const bool is_async = function.type.is_async && unit_.lowers_async;
    std::string body;
    std::string arguments = code.all_params();
    std::vector<abi::CoreType> params = code.params();
    if (is_async && params.size() > kMaxAsyncParams) {
      body += code.store_params();
      arguments = " (local.get $at)";
      params = {abi::CoreType::I32};
    }
    const bool in_memory =
        function.type.result && (is_async || !code.has_flat_result(abi::kMaxFlatResults));
    if (in_memory) {
      body += code.allocate_result("$to");
      arguments += " (local.get $to)";
      params.push_back(abi::CoreType::I32);
    }
    const std::vector<abi::CoreType> results = is_async    ? std::vector{abi::CoreType::I32}
                                               : in_memory ? std::vector<abi::CoreType>()
                                                           : code.result(abi::kMaxFlatResults);
    add_core("call-" + name,
             fmt::format("canon lower (func $in{} \"{}\") {}{}", interface, function.name,
                         options(), is_async ? " async" : ""),
             name_all("param", params) + name_all("result", results));
    std::string call = fmt::format(" (call $call-{}{})", name, arguments);
    if (is_async) {
      add_waiting();
      call = fmt::format(" (call $wait{})", call);
    }
    // The result stays on the stack.
    body += call;
    for (std::size_t i = 0; i < code.count(); ++i)
      if (const types::Borrow* const borrow = as_borrow(world_.types, function.type.params[i].type))
        body += fmt::format(" (call $drop{} {})", borrow->resource.index, code.handle(i));
    const std::size_t most = has_callback ? abi::kMaxFlatParams : abi::kMaxFlatResults;
    if (in_memory)
      body += code.has_flat_result(most) ? code.load_result("$to", 0) : " (local.get $to)";
    return has_callback ? body + fmt::format(" (call $return-{}) (i32.const 0)", name) : body;
  }

  // Waits for a call, by its status.
  void add_waiting() {
    if (has_waiting_) return;
    has_waiting_ = true;
    add_core("set-new", "canon waitable-set.new", "(result i32)");
    add_core("set-drop", "canon waitable-set.drop", "(param i32)");
    add_core("set-wait", "canon waitable-set.wait (memory $m \"memory\")",
             "(param i32 i32) (result i32)");
    add_core("join", "canon waitable.join", "(param i32 i32)");
    add_core("subtask-drop", "canon subtask.drop", "(param i32)");
    code_ += R"(  (func $wait (param $status i32) (local $task i32) (local $set i32)
    (if (i32.eq (local.get $status) (i32.const 2)) (then return))
    (local.set $task (i32.shr_u (local.get $status) (i32.const 4)))
    (local.set $set (call $set-new))
    (call $join (local.get $task) (local.get $set))
    (loop $again
      (if (i32.ne (call $set-wait (local.get $set) (i32.const 16)) (i32.const 1)) (then unreachable))
      (br_if $again (i32.ne (i32.load (i32.const 20)) (i32.const 2))))
    (call $join (local.get $task) (i32.const 0))
    (call $subtask-drop (local.get $task))
    (call $set-drop (local.get $set)))
)";
  }

  // A component imports the functions and exports them with the names of the types: methods must be beside their
  // resource. Bindings generators do the same.
  void export_interface(unsigned interface) {
    const Interface& exported = world_.interfaces[interface];
    const TypeText imported(world_, {.type = 'u', .resource = 'v'});
    Names names{.type = 'u', .resource = 'v'};
    std::string types;
    std::string arguments;
    std::set<TypeId> all_types;
    std::set<unsigned> resources;
    find_all(interface, all_types, resources);
    for (const unsigned i : resources) {
      types += fmt::format("  (import \"in-r{0}\" (type $v{0} (sub resource)))\n", i);
      arguments +=
          fmt::format(" (with \"in-r{0}\" (type ${1}r{0}))", i, named_by_export(i, interface));
    }
    for (const TypeId id : all_types) {
      types += fmt::format("  (type $d{0} {1}) (import \"in-t{0}\" (type $u{0} (eq $d{0})))\n",
                           id.index, imported.define(id));
      arguments += fmt::format(" (with \"in-t{0}\" (type ${1}t{0}))", id.index,
                               named_by_export(world_.owners.at(id), interface));
    }
    std::string exports;
    const auto export_resource = [&](unsigned i) {
      exports += fmt::format("  (export $y{0} \"r{0}\" (type $v{0}))\n", i);
      names.exported_resources.insert(i);
    };
    for (const unsigned used : used_by(world_, interface))
      if (has_resource(used)) export_resource(used);
    if (exported.has_resource) export_resource(interface);
    if (exported.has_alias) exports += fmt::format("  (export \"q{0}\" (type $y{0}))\n", interface);
    for (const TypeId id : used_types(interface)) {
      exports += unit_.repeats_types && is_alone(id)
                     ? fmt::format("  (type $e{0} {1}) (export $x{0} \"t{0}\" (type $e{0}))\n",
                                   id.index, imported.define(id))
                     : fmt::format("  (export $x{0} \"t{0}\" (type $u{0}))\n", id.index);
      names.exported_types.insert(id);
    }
    // Again, with the exported resources.
    for (const TypeId id : exported.named) {
      exports += fmt::format("  (type $e{0} {1}) (export $x{0} \"t{0}\" (type $e{0}))\n", id.index,
                             TypeText(world_, names).define(id));
      names.exported_types.insert(id);
    }
    const TypeText outside(world_, names);
    std::string functions;
    for (std::size_t i = 0; i < exported.functions.size(); ++i) {
      const Function& function = exported.functions[i];
      functions += fmt::format("  (import \"in-f{0}\" (func $f{0} {1}))\n", i,
                               imported.signature(function.type));
      exports += fmt::format("  (export \"{}\" (func $f{}) (func {}))\n", function.name, i,
                             outside.signature(function.type));
      arguments += fmt::format(" (with \"in-f{}\" (func ${}))", i, functions_of_[interface][i]);
    }
    out_ += fmt::format(
        "(component $shim{0}\n{1}{2}{3})\n(instance $out{0} (instantiate $shim{0}{4}))\n",
        interface, types, functions, exports, arguments);
    out_ += export_text(interface, fmt::format("$out{}", interface));
    for (const TypeId id : exported.named)
      out_ += fmt::format("(alias export $ex{1} \"t{0}\" (type $xt{0}))\n", id.index, interface);
    if (exported.has_resource)
      out_ += fmt::format("(alias export $ex{0} \"r{0}\" (type $xr{0}))\n", interface);
  }

  // The prefix of the identifiers of an interface's types: what other exports use has a name by its own export.
  [[nodiscard]] std::string_view named_by_export(unsigned owner, unsigned interface) const {
    return unit_.provides() && owner < interface && unit_.has_export(owner) ? "x" : "";
  }

  // Whether a type has no parts that have a name.
  [[nodiscard]] bool is_alone(TypeId type) const {
    std::size_t names = 0;
    visit_types(world_.types, type, [&](TypeId id) {
      names += world_.owners.contains(id) ? 1 : 0;
      return true;
    });
    return names == 1 && !has_handles(world_.types, type);
  }

  // The types with names and the resources that the functions of an interface have, directly or not.
  void find_all(unsigned interface, std::set<TypeId>& found, std::set<unsigned>& resources) const {
    const auto visit = [&](TypeId id) {
      const types::Type& type = world_.types.types[id];
      if (const auto* const own = std::get_if<types::Own>(&type.kind))
        resources.insert(own->resource.index);
      if (const auto* const borrow = std::get_if<types::Borrow>(&type.kind))
        resources.insert(borrow->resource.index);
      if (world_.owners.contains(id)) found.insert(id);
      return true;
    };
    if (has_resource(interface)) resources.insert(interface);
    for (const unsigned used : used_by(world_, interface))
      if (has_resource(used)) resources.insert(used);
    for (const TypeId id : world_.interfaces[interface].named) visit_types(world_.types, id, visit);
    for (const Function& function : world_.interfaces[interface].functions) {
      for (const types::Field& param : function.type.params)
        visit_types(world_.types, param.type, visit);
      if (function.type.result) visit_types(world_.types, *function.type.result, visit);
    }
  }

  const World& world_;
  const Unit& unit_;
  std::size_t number_;
  TypeText outer_{world_, {}};
  std::string out_;
  std::string core_functions_;
  std::string items_;
  std::string core_imports_;
  std::string code_;
  std::string functions_;
  std::map<unsigned, std::vector<std::string>> functions_of_;
  std::size_t count_ = 0;
  bool has_waiting_ = false;
};

}  // namespace

std::string unit_text(const World& world, std::size_t unit) { return UnitText(world, unit).text(); }

}  // namespace tenon::differential

#include "types/print_type.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "support/terminal_text.h"
#include "types/interface_name.h"

namespace tenon::types {

namespace {

// The keywords of WIT, sorted. As in wit-component 0.254, names that are keywords get a `%` in
// front.
constexpr std::array<std::string_view, 46> kKeywords = {
    "_",         "as",          "async",    "bool",          "borrow",
    "char",      "constructor", "enum",     "error-context", "export",
    "f32",       "f64",         "flags",    "float32",       "float64",
    "from",      "func",        "future",   "import",        "include",
    "interface", "list",        "map",      "option",        "own",
    "package",   "record",      "resource", "result",        "s16",
    "s32",       "s64",         "s8",       "static",        "stream",
    "string",    "tuple",       "type",     "u16",           "u32",
    "u64",       "u8",          "use",      "variant",       "with",
    "world"};
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

// Prints types up to a limit.
class Printer {
 public:
  Printer(const Types& types, const TypeNames& names) : types_(types), names_(names) {}

  void put(std::string_view text) {
    if (is_full()) return;
    out_ += text;
    if (is_full()) out_ += "...";
  }
  // True when the limit is reached. Walks over large types stop then.
  [[nodiscard]] bool is_full() const { return out_.size() >= kMaxPrintedType; }

  void print(TypeId id) {
    if (is_full()) return;
    if (const auto name = names_.types.find(id); name != names_.types.end())
      put(print_label(name->second));
    else
      print_structure(id);
  }
  void print_structure(TypeId id) {
    std::visit([&](const auto& kind) { print_kind(kind); }, types_.types[id].kind);
  }
  void print_resource(ResourceId id) {
    const auto name = names_.resources.find(id);
    const std::string& text =
        name != names_.resources.end() ? name->second : types_.resources[id].name;
    put(text.empty() ? "_" : print_label(text));
  }
  void print_fields(const std::vector<Field>& fields, std::size_t first) {
    for (std::size_t i = first; i < fields.size() && !is_full(); ++i) {
      if (i > first) put(", ");
      put(print_label(fields[i].label));
      put(": ");
      print(fields[i].type);
    }
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void print_list(std::string_view word, const std::vector<std::optional<TypeId>>& parts) {
    put(word);
    if (parts.empty()) return;
    put("<");
    for (std::size_t i = 0; i < parts.size() && !is_full(); ++i) {
      if (i > 0) put(", ");
      if (parts[i])
        print(*parts[i]);
      else
        put("_");
    }
    put(">");
  }
  void print_labels(std::string_view word, const std::vector<std::string>& labels) {
    put(word);
    put(" { ");
    for (std::size_t i = 0; i < labels.size() && !is_full(); ++i) {
      if (i > 0) put(", ");
      put(print_label(labels[i]));
    }
    put(" }");
  }

  void print_kind(const Primitive& kind) { put(print_primitive(kind)); }
  void print_kind(const Record& kind) {
    put("record { ");
    print_fields(kind.fields, 0);
    put(" }");
  }
  void print_kind(const Variant& kind) {
    put("variant { ");
    for (std::size_t i = 0; i < kind.cases.size() && !is_full(); ++i) {
      if (i > 0) put(", ");
      put(print_label(kind.cases[i].label));
      if (!kind.cases[i].type) continue;
      put("(");
      print(*kind.cases[i].type);
      put(")");
    }
    put(" }");
  }
  void print_kind(const List& kind) {
    put(kind.is_set ? "set<" : "list<");
    print(kind.element);
    if (kind.length) put(fmt::format(", {}", *kind.length));
    put(">");
  }
  void print_kind(const Map& kind) { print_list("map", {kind.key, kind.value}); }
  void print_kind(const Tuple& kind) {
    print_list("tuple", {kind.types.begin(), kind.types.end()});
  }
  void print_kind(const Flags& kind) { print_labels("flags", kind.labels); }
  void print_kind(const Enum& kind) { print_labels("enum", kind.labels); }
  void print_kind(const Option& kind) { print_list("option", {kind.type}); }
  void print_kind(const ResultType& kind) {
    if (kind.error)
      print_list("result", {kind.ok, kind.error});
    else if (kind.ok)
      print_list("result", {kind.ok});
    else
      put("result");
  }
  void print_kind(const Own& kind) { print_resource(kind.resource); }
  void print_kind(const Borrow& kind) {
    put("borrow<");
    print_resource(kind.resource);
    put(">");
  }
  void print_kind(const Stream& kind) { print_optional("stream", kind.type); }
  void print_kind(const Future& kind) { print_optional("future", kind.type); }
  void print_kind(const Dynamic& kind) { put(kind.parameter.empty() ? "value" : kind.parameter); }
  void print_optional(std::string_view word, std::optional<TypeId> part) {
    print_list(word, part ? std::vector<std::optional<TypeId>>{part}
                          : std::vector<std::optional<TypeId>>{});
  }

  const Types& types_;
  const TypeNames& names_;
  std::string out_;
};

void add_name(TypeNames& names, const std::string& name, const Item& item) {
  const auto* bound = std::get_if<TypeBound>(&item);
  if (bound == nullptr) return;
  if (const auto* type = std::get_if<TypeId>(&bound->type))
    names.types.emplace(*type, name);
  else
    names.resources.emplace(std::get<ResourceId>(bound->type), name);
}

// A constructor that cannot fail returns its resource, which WIT does not write.
bool has_implied_result(const Types& types, const Function& function) {
  return function.result && std::holds_alternative<Own>(types.types[*function.result].kind);
}

std::string_view sort_comment(Unsupported::Sort sort) {
  switch (sort) {
    case Unsupported::Sort::Component:
      return "component";
    case Unsupported::Sort::CoreModule:
      return "core module";
    case Unsupported::Sort::Value:
      return "value";
    case Unsupported::Sort::Type:
      return "type of functions, instances or components";
  }
  return "item";
}

}  // namespace

std::string_view print_primitive(Primitive kind) {
  switch (kind) {
    case Primitive::Bool:
      return "bool";
    case Primitive::S8:
      return "s8";
    case Primitive::U8:
      return "u8";
    case Primitive::S16:
      return "s16";
    case Primitive::U16:
      return "u16";
    case Primitive::S32:
      return "s32";
    case Primitive::U32:
      return "u32";
    case Primitive::S64:
      return "s64";
    case Primitive::U64:
      return "u64";
    case Primitive::F32:
      return "f32";
    case Primitive::F64:
      return "f64";
    case Primitive::Char:
      return "char";
    case Primitive::String:
      return "string";
    case Primitive::ErrorContext:
      return "error-context";
  }
  return "?";
}

std::string print_label(std::string_view label) {
  const bool is_keyword = std::binary_search(kKeywords.begin(), kKeywords.end(), label);
  return fmt::format("{}{}", is_keyword ? "%" : "", sanitize_text(label));
}

void add_names(const Types& types, TypeNames& names, const std::string& name, const Item& item) {
  const auto* const instance = std::get_if<InstanceId>(&item);
  if (instance == nullptr) return add_name(names, name, item);
  for (const NamedItem& part : types.instances[*instance].exports)
    add_name(names, part.name, part.item);
}

TypeNames names_of_instance(const Types& types, InstanceId instance) {
  TypeNames names;
  add_names(types, names, {}, instance);
  return names;
}

std::string print_type(const Types& types, const TypeNames& names, TypeId id) {
  Printer printer(types, names);
  printer.print(id);
  return printer.take();
}

std::string print_function(const Types& types, const TypeNames& names, std::string_view name,
                           FunctionId id) {
  const Function& function = types.functions[id];
  const Result<ItemName> parsed = parse_item_name(name);
  const NameKind kind = parsed ? parsed->kind : NameKind::Label;
  const bool is_method = kind == NameKind::Method;
  const bool is_constructor = kind == NameKind::Constructor;
  Printer printer(types, names);
  if (is_constructor) {
    printer.put("constructor(");
  } else {
    const bool is_member = is_method || kind == NameKind::Static;
    const std::string_view own_name = is_member ? std::string_view(parsed->function) : name;
    if (!own_name.empty()) printer.put(print_label(own_name) + ": ");
    if (kind == NameKind::Static) printer.put("static ");
    printer.put(function.is_async ? "async func(" : "func(");
  }
  printer.print_fields(function.params, is_method ? 1 : 0);
  printer.put(")");
  if (function.result && !(is_constructor && has_implied_result(types, function))) {
    printer.put(" -> ");
    printer.print(*function.result);
  }
  printer.put(";");
  return printer.take();
}

Declaration print_declaration(const Types& types, const TypeNames& names, std::string_view name,
                              TypeId id) {
  Declaration declaration;
  const auto begin = [&](std::string_view word) {
    declaration.head = fmt::format("{} {}{}{{", word, print_label(name), name.empty() ? "" : " ");
  };
  const auto add = [&](const std::string& label, std::string_view rest) {
    declaration.labels.push_back(label);
    declaration.members.push_back(fmt::format("  {}{},", print_label(label), rest));
  };
  const auto first_of = [](const auto& members) {
    return std::span(members).first(std::min(members.size(), kMaxPrintedMembers));
  };
  const Type& type = types.types[id];
  if (const auto* record = std::get_if<Record>(&type.kind)) {
    begin("record");
    for (const Field& field : first_of(record->fields))
      add(field.label, fmt::format(": {}", print_type(types, names, field.type)));
  } else if (const auto* variant = std::get_if<Variant>(&type.kind)) {
    begin("variant");
    for (const Case& alternative : first_of(variant->cases))
      add(alternative.label,
          alternative.type ? fmt::format("({})", print_type(types, names, *alternative.type)) : "");
  } else if (const auto* flags = std::get_if<Flags>(&type.kind)) {
    begin("flags");
    for (const std::string& label : first_of(flags->labels)) add(label, "");
  } else if (const auto* names_only = std::get_if<Enum>(&type.kind)) {
    begin("enum");
    for (const std::string& label : first_of(names_only->labels)) add(label, "");
  }
  return declaration;
}

std::vector<std::string> print_named_type(const Types& types, const TypeNames& names,
                                          std::string_view name, const TypeBound& type) {
  const auto alias = [&](std::string_view other) {
    return std::vector<std::string>{name.empty()
                                        ? fmt::format("type {};", other)
                                        : fmt::format("type {} = {};", print_label(name), other)};
  };
  if (const auto* resource = std::get_if<ResourceId>(&type.type)) {
    const auto known = names.resources.find(*resource);
    if (known != names.resources.end() && known->second != name)
      return alias(print_label(known->second));
    return {fmt::format("resource {};", print_label(name))};
  }
  const TypeId id = std::get<TypeId>(type.type);
  const auto known = names.types.find(id);
  if (known != names.types.end() && known->second != name) return alias(print_label(known->second));
  Declaration declaration = print_declaration(types, names, name, id);
  if (declaration.head.empty()) {
    Printer printer(types, names);
    printer.print_structure(id);
    return alias(printer.take());
  }
  std::vector<std::string> lines{std::move(declaration.head)};
  for (std::string& member : declaration.members) {
    if (lines.size() >= kMaxPrintedLines) {
      lines.emplace_back("  ...");
      break;
    }
    lines.push_back(std::move(member));
  }
  lines.emplace_back("}");
  return lines;
}

std::vector<std::string> print_item(const Types& types, const TypeNames& names,
                                    std::string_view name, const Item& item) {
  if (const auto* function = std::get_if<FunctionId>(&item))
    return {print_function(types, names, name, *function)};
  if (const auto* bound = std::get_if<TypeBound>(&item))
    return print_named_type(types, names, name, *bound);
  if (const auto* other = std::get_if<Unsupported>(&item))
    return {fmt::format("// {}: {}", print_label(name), sort_comment(other->sort))};
  const InstanceId instance = std::get<InstanceId>(item);
  const TypeNames own = names_of_instance(types, instance);
  std::vector<std::string> lines{fmt::format("{}: interface {{", print_label(name))};
  for (const NamedItem& part : types.instances[instance].exports) {
    for (const std::string& line : print_item(types, own, part.name, part.item))
      lines.push_back(fmt::format("  {}", line));
    if (lines.size() < kMaxPrintedLines) continue;
    lines.resize(kMaxPrintedLines);
    lines.emplace_back("  ...");
    break;
  }
  lines.emplace_back("}");
  return lines;
}

}  // namespace tenon::types

#include "bindgen/python_types.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include "types/labels.h"
#include "types/print_type.h"
#include "types/uses.h"

namespace tenon::bindgen {

namespace {

using types::Primitive;
using types::TypeId;

// The text of all types of a module. Types that refer to each other without names grow exponentially when they
// are written out; this ends it.
constexpr std::size_t kMaxPythonSpelled = std::size_t{64} << 20U;

// keyword.kwlist of Python 3.11. Sorted.
constexpr auto kPythonKeywords = std::to_array<std::string_view>(
    {"False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
     "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
     "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
     "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"});
static_assert(std::is_sorted(kPythonKeywords.begin(), kPythonKeywords.end()));

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper_case(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string identifier(std::string name) {
  for (char& c : name)
    if (lower_case(c) == upper_case(c) && !is_digit(c)) c = '_';
  if (name.empty() || is_digit(name.front())) return "_" + name;
  if (std::binary_search(kPythonKeywords.begin(), kPythonKeywords.end(), std::string_view(name)))
    name += '_';
  return name;
}

bool is_number(Primitive primitive) {
  return primitive != Primitive::Bool && primitive != Primitive::Char &&
         primitive != Primitive::String && primitive != Primitive::ErrorContext;
}
bool is_float(Primitive primitive) {
  return primitive == Primitive::F32 || primitive == Primitive::F64;
}

bool has_class(const types::Type& type) {
  return std::holds_alternative<types::Record>(type.kind) ||
         std::holds_alternative<types::Variant>(type.kind) ||
         std::holds_alternative<types::Enum>(type.kind) ||
         std::holds_alternative<types::Flags>(type.kind);
}

}  // namespace

std::string python_snake(std::string_view label) {
  std::string name(label);
  std::ranges::transform(name, name.begin(), lower_case);
  return identifier(std::move(name));
}

std::string python_pascal(std::string_view label) {
  std::string name;
  bool is_first = true;
  for (const char c : label) {
    if (c != '-') name += is_first ? upper_case(c) : c;
    is_first = c == '-';
  }
  return identifier(std::move(name));
}

std::string python_upper(std::string_view label) {
  std::string name(label);
  std::ranges::transform(name, name.begin(), upper_case);
  return identifier(std::move(name));
}

std::string python_quote(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      literal += {'\\', c};
    else if (byte < 0x20 || byte == 0x7f)
      literal += fmt::format("\\x{:02x}", byte);
    else
      literal += c;
  }
  return literal + '"';
}

PythonTypes::PythonTypes(const HostModel& model) : model_(model) {
  for (const HostInterface& interface : model.interfaces) {
    add_members(interface);
    add_resources(interface);
  }
  for (const HostInterface& interface : model.interfaces) add_classes(interface);
  for (const HostInterface& interface : model.interfaces) mark_arguments(interface);
  name_classes();
}

void PythonTypes::add_members(const HostInterface& interface) {
  const auto add = [&](const std::vector<HostFunction>& functions) {
    for (const HostFunction& function : functions) {
      const std::string shown = shown_name(function);
      members_.insert(python_snake(std::string_view(shown).substr(shown.find('.') + 1)));
    }
  };
  add(interface.functions);
  for (const HostResource& resource : interface.resources) add(resource.methods);
  for (const HostType& type : interface.types) {
    const auto* const id = std::get_if<TypeId>(&type.type);
    if (id == nullptr || !type.is_own) continue;
    named_.emplace(*id, std::pair(model_.index_of(interface), &type));
    if (const auto* const record = find_kind<types::Record>(*id))
      for (const types::Field& field : record->fields) members_.insert(python_snake(field.label));
  }
}

void PythonTypes::add_resources(const HostInterface& interface) {
  for (const HostType& type : interface.types) {
    const auto* const id = std::get_if<types::ResourceId>(&type.type);
    if (id == nullptr || !type.is_own) continue;
    resources_.emplace(*id, PythonResource{.label = type.label,
                                           .name = {},
                                           .docs = type.docs,
                                           .interface = model_.index_of(interface),
                                           .is_of_units = interface.is_export});
  }
}

void PythonTypes::add_classes(const HostInterface& interface) {
  for (const HostType& type : interface.types)
    if (const auto* const id = std::get_if<TypeId>(&type.type); id != nullptr && supports(*id))
      add_type(*id);
}

// The key of a type has the keys of its parts as numbers, so that it does not grow with them.
std::size_t PythonTypes::add_type(TypeId id) {
  if (const auto known = key_of_.find(id); known != key_of_.end()) return known->second;
  const types::Type& type = model_.types.types[id];
  const auto named = named_.find(id);
  std::string name;
  if (const auto resource = types::handled_resource(model_.types, id)) {
    const auto found = resources_.find(*resource);
    if (found != resources_.end()) name = found->second.label;
  } else if (has_class(type) && named != named_.end()) {
    name = named->second.second->label;
  }
  const auto* const list = find_kind<types::List>(id);
  std::string key =
      fmt::format("{} {} {} {}:", static_cast<int>(types::kind_of(type)), name,
                  list != nullptr ? list->length.value_or(0) : 0,
                  fmt::join(types::labels_of(type).value_or(std::vector<std::string>()), ","));
  for (const std::optional<TypeId>& part : types::parts_of(type))
    key += part ? fmt::format(" {}", add_type(*part)) : " -";
  const auto [known, is_new] = keys_.try_emplace(std::move(key), keys_.size());
  key_of_.emplace(id, known->second);
  if (!is_new || !has_class(type) || named == named_.end()) return known->second;
  class_of_.emplace(known->second, classes_.size());
  const auto& [interface, of] = named->second;
  classes_.push_back(
      {.type = id, .label = name, .name = {}, .declared = of, .interface = interface});
  return known->second;
}

void PythonTypes::mark_arguments(const HostInterface& interface) {
  const auto mark = [&](const std::vector<HostFunction>& functions) {
    for (const HostFunction& function : functions) {
      const types::Function& type = model_.types.functions[function.function];
      if (!supports(function.function)) continue;
      if (interface.is_export)
        for (const types::Field& param : type.params) mark_argument(param.type);
      else if (type.result)
        mark_argument(*type.result);
    }
  };
  mark(interface.functions);
  for (const HostResource& resource : interface.resources) mark(resource.methods);
}

void PythonTypes::mark_argument(TypeId id) {
  if (!arguments_.insert(id).second) return;
  if (PythonClass* const of = find_class(id)) of->is_argument = true;
  for (const std::optional<TypeId>& part : types::parts_of(model_.types.types[id]))
    if (part) mark_argument(*part);
}

// Where two types or resources would have one name, each gets that of its interface in front.
void PythonTypes::name_classes() {
  std::map<std::string, std::size_t> users;
  std::vector<std::pair<types::ResourceId, PythonResource*>> resources;
  for (auto& [id, resource] : resources_) resources.emplace_back(id, &resource);
  std::ranges::sort(resources);  // the map has no order
  const auto base_name = [](const PythonResource& resource) {
    return python_pascal(resource.label) + (resource.is_of_units ? "" : "Provider");
  };
  for (const PythonClass& each : classes_) ++users[python_pascal(each.label)];
  for (const auto& [id, resource] : resources) ++users[base_name(*resource)];
  const auto choose = [&](const std::string& name, std::size_t interface) {
    if (users.at(name) == 1) return names_.take(name);
    std::string scope = model_.interfaces[interface].scope;
    scope = scope.substr(scope.rfind(':') + 1);
    std::ranges::replace(scope, '_', '-');
    return names_.take(python_pascal(scope) + name);
  };
  for (PythonClass& each : classes_) each.name = choose(python_pascal(each.label), each.interface);
  for (const auto& [id, resource] : resources)
    resource->name = choose(base_name(*resource), resource->interface);
}

PythonClass* PythonTypes::find_class(TypeId id) {
  const auto key = key_of_.find(id);
  const auto found = key != key_of_.end() ? class_of_.find(key->second) : class_of_.end();
  return found != class_of_.end() ? &classes_[found->second] : nullptr;
}

bool PythonTypes::supports(TypeId id) {
  if (const auto known = supported_.find(id); known != supported_.end()) return known->second;
  const auto* const primitive = find_kind<Primitive>(id);
  bool is_supported = find_kind<types::Dynamic>(id) == nullptr &&
                      (primitive == nullptr || *primitive != Primitive::ErrorContext);
  for (const std::optional<TypeId>& part : types::parts_of(model_.types.types[id]))
    is_supported = is_supported && (!part || supports(*part));
  supported_.emplace(id, is_supported);
  return is_supported;
}

bool PythonTypes::supports(types::FunctionId id) {
  bool is_supported = true;
  types::for_each_part(model_.types.functions[id],
                       [&](TypeId part) { is_supported = is_supported && supports(part); });
  return is_supported;
}

// ---- Annotations ----

std::string PythonTypes::limit(std::string text) {
  spelled_ += text.size();
  has_failed_ = has_failed_ || spelled_ > kMaxPythonSpelled;
  return text;
}

std::string PythonTypes::spell_builtin(std::string_view name) const {
  return fmt::format("{}{}", members_.contains(name) ? "_builtins." : "", name);
}

std::string PythonTypes::spell(TypeId id, PythonUse use) {
  if (has_failed_) return "object";
  if (const PythonClass* const of = find_class(id))
    return use == PythonUse::Result ? of->name : fmt::format("_{}Arg", of->name);
  return limit(spell_structure(id, use));
}

std::string PythonTypes::spell_structure(TypeId id, PythonUse use) {
  const bool is_result = use == PythonUse::Result;
  const auto part = [&](TypeId inner) { return spell(inner, use); };
  const auto optional = [&](const std::optional<TypeId>& inner) {
    return inner ? part(*inner) : "None";
  };
  if (const auto* const primitive = find_kind<Primitive>(id))
    return spell_primitive(*primitive, use);
  if (const auto* const list = find_kind<types::List>(id)) return spell_list(*list, use);
  if (const auto* const map = find_kind<types::Map>(id))
    return fmt::format("{}[{}, {}]", is_result ? spell_builtin("dict") : "_t.Mapping",
                       spell(map->key, PythonUse::Result), part(map->value));
  if (const auto* const tuple = find_kind<types::Tuple>(id)) {
    std::vector<std::string> parts;
    for (const TypeId inner : tuple->types) parts.push_back(part(inner));
    return fmt::format("{}[{}]", spell_builtin("tuple"), fmt::join(parts, ", "));
  }
  if (const auto* const option = find_kind<types::Option>(id)) {
    const bool is_wrapped = find_kind<types::Option>(option->type) != nullptr;
    const std::string some = part(option->type);
    return (is_wrapped ? fmt::format("_tenon.Some[{}]", some) : some) + " | None";
  }
  if (const auto* const result = find_kind<types::ResultType>(id))
    return fmt::format("_tenon.Ok[{}] | _tenon.Err[{}]", optional(result->ok),
                       optional(result->error));
  if (const auto resource = types::handled_resource(model_.types, id))
    return spell_resource(*resource, use);
  if (const auto* const stream = find_kind<types::Stream>(id)) {
    const auto* const item = stream->type ? find_kind<Primitive>(*stream->type) : nullptr;
    if (item != nullptr && *item == Primitive::U8)
      return is_result ? fmt::format("_tenon.Stream[{}]", spell_builtin("bytes"))
                       : "_typed.ByteSource";
    return fmt::format("{}[{}]", is_result ? "_tenon.Stream" : "_typed.Source",
                       optional(stream->type));
  }
  if (const auto* const future = find_kind<types::Future>(id)) {
    const std::string value = optional(future->type);
    return is_result ? fmt::format("_tenon.Future[{}]", value)
                     : fmt::format("{0} | _t.Awaitable[{0}]", value);
  }
  has_failed_ = true;  // a record without a name, which WIT text cannot express
  return "object";
}

std::string PythonTypes::spell_primitive(Primitive primitive, PythonUse use) const {
  if (primitive == Primitive::Bool) return spell_builtin("bool");
  if (!is_number(primitive)) return spell_builtin("str");
  if (use == PythonUse::Argument) return is_float(primitive) ? "_typed.Float" : "_t.SupportsIndex";
  return spell_builtin(is_float(primitive) ? "float" : "int");
}

std::string PythonTypes::spell_list(const types::List& list, PythonUse use) {
  const auto* const primitive = find_kind<Primitive>(list.element);
  const std::string element = spell(list.element, use);
  const bool is_packed = primitive != nullptr && *primitive != Primitive::String;
  // A str is an iterable of str, and the package takes it for a list of `char` only.
  if (use == PythonUse::Argument)
    return fmt::format("{}[{}]", is_packed ? "_t.Iterable" : "_typed.Items", element);
  if (is_packed && *primitive == Primitive::U8) return spell_builtin("bytes");
  if (is_packed && is_number(*primitive)) return fmt::format("_array.array[{}]", element);
  return fmt::format("{}[{}]", spell_builtin("list"), element);
}

std::string PythonTypes::name_of(types::ResourceId id) {
  const auto found = resources_.find(id);
  has_failed_ = has_failed_ || found == resources_.end();
  if (found == resources_.end()) return "object";
  // Interfaces have an attribute with the name of a unit's class, which would hide it there.
  return found->second.is_of_units ? fmt::format("_{}Handle", found->second.name)
                                   : found->second.name;
}

std::string PythonTypes::spell_resource(types::ResourceId id, PythonUse use) {
  std::string name = name_of(id);
  if (has_failed_ || resources_.at(id).is_of_units) return name;
  // Functions of the program can say which class it is.
  return use == PythonUse::Result ? "_t.Any" : name + " | _tenon.Resource";
}

// ---- Descriptions ----

std::string PythonTypes::describe(TypeId id) {
  if (has_failed_) return "None";
  if (const PythonClass* const of = find_class(id)) return of->name;
  return limit(describe_structure(id));
}

std::string PythonTypes::describe_structure(TypeId id) {
  const auto optional = [&](const std::optional<TypeId>& inner) {
    return inner ? describe(*inner) : "None";
  };
  if (const auto* const primitive = find_kind<Primitive>(id))
    return fmt::format("_typed.{}", *primitive == Primitive::Bool
                                        ? "boolean"
                                        : types::print_primitive(*primitive));
  if (const auto* const list = find_kind<types::List>(id))
    return fmt::format("_typed.list_of({}{})", describe(list->element),
                       list->length ? fmt::format(", {}", *list->length) : "");
  if (const auto* const map = find_kind<types::Map>(id))
    return fmt::format("_typed.map_of({}, {})", describe(map->key), describe(map->value));
  if (const auto* const tuple = find_kind<types::Tuple>(id)) {
    std::vector<std::string> parts;
    for (const TypeId inner : tuple->types) parts.push_back(describe(inner));
    return fmt::format("_typed.tuple_of({})", fmt::join(parts, ", "));
  }
  if (const auto* const option = find_kind<types::Option>(id))
    return fmt::format("_typed.option({})", describe(option->type));
  if (const auto* const result = find_kind<types::ResultType>(id))
    return fmt::format("_typed.result({}, {})", optional(result->ok), optional(result->error));
  if (const auto* const own = find_kind<types::Own>(id))
    return describe_handle("own", own->resource);
  if (const auto* const borrow = find_kind<types::Borrow>(id))
    return describe_handle("borrow", borrow->resource);
  if (const auto* const stream = find_kind<types::Stream>(id))
    return fmt::format("_typed.stream({})", optional(stream->type));
  if (const auto* const future = find_kind<types::Future>(id))
    return fmt::format("_typed.future({})", optional(future->type));
  has_failed_ = true;
  return "None";
}

std::string PythonTypes::describe_handle(std::string_view function, types::ResourceId id) {
  const auto found = resources_.find(id);
  has_failed_ = has_failed_ || found == resources_.end();
  return fmt::format("_typed.{}({})", function,
                     found == resources_.end() ? "" : python_quote(found->second.label));
}

}  // namespace tenon::bindgen

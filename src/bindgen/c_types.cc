#include "bindgen/c_types.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "types/print_type.h"

namespace tenon::bindgen {

namespace {

using types::Primitive;
using types::ResourceId;
using types::TypeId;

// C compilers need not distinguish names by more characters.
constexpr std::size_t kMaxName = 63;

// Functions that the headers of generated code, and of many programs, declare. The type of all functions of
// a world cannot have such a name.
constexpr auto kLibraryNames = std::to_array<std::string_view>({
    "abort",   "abs",     "accept", "access",   "acct",    "alarm",  "atof",   "atoi",   "bind",
    "brk",     "calloc",  "ceil",   "chdir",    "chmod",   "chown",  "clock",  "close",  "confstr",
    "connect", "cos",     "creat",  "crypt",    "daemon",  "div",    "dup",    "exit",   "exp",
    "fchdir",  "fflush",  "ffs",    "floor",    "fork",    "free",   "fsync",  "gamma",  "gets",
    "index",   "isatty",  "kill",   "labs",     "link",    "listen", "lockf",  "log",    "lseek",
    "malloc",  "mktemp",  "mount",  "nice",     "open",    "pause",  "pipe",   "poll",   "pow",
    "printf",  "putenv",  "puts",   "qsort",    "raise",   "rand",   "random", "read",   "recv",
    "remove",  "rename",  "rewind", "rindex",   "round",   "sbrk",   "scanf",  "select", "send",
    "setenv",  "signal",  "sin",    "sleep",    "socket",  "sqrt",   "stat",   "strcat", "strcmp",
    "strcpy",  "strdup",  "strlen", "swab",     "symlink", "sync",   "system", "tan",    "time",
    "times",   "tmpfile", "trunc",  "truncate", "ttyname", "umask",  "ungetc", "unlink", "vfork",
    "wait",    "write",   "y0",     "y1",       "yn",
});
static_assert(std::is_sorted(kLibraryNames.begin(), kLibraryNames.end()));

// Without the `_` that a name got because C++ reserves it: in C it is a part of a longer name.
std::string_view strip(std::string_view name) {
  return name.substr(0, name.find_last_not_of('_') + 1);
}

std::string_view short_scope(const HostInterface& interface) {
  const std::size_t colon = interface.scope.rfind(':');
  return strip(
      std::string_view(interface.scope).substr(colon == std::string::npos ? 0 : colon + 1));
}

// Empty for a type that calls do not pass.
std::string_view primitive_in_c(Primitive kind) {
  switch (kind) {
    case Primitive::Bool:
      return "bool";
    case Primitive::S8:
      return "int8_t";
    case Primitive::U8:
      return "uint8_t";
    case Primitive::S16:
      return "int16_t";
    case Primitive::U16:
      return "uint16_t";
    case Primitive::S32:
      return "int32_t";
    case Primitive::U32:
    case Primitive::Char:
      return "uint32_t";
    case Primitive::S64:
      return "int64_t";
    case Primitive::U64:
      return "uint64_t";
    case Primitive::F32:
      return "float";
    case Primitive::F64:
      return "double";
    case Primitive::String:
      return "tenon_string";
    case Primitive::ErrorContext:
      break;
  }
  return {};
}

std::vector<std::string> labels_of(const types::Record& record) {
  std::vector<std::string> labels;
  for (const types::Field& field : record.fields) labels.push_back(field.label);
  return labels;
}
std::vector<std::string> labels_of(const types::Variant& variant) {
  std::vector<std::string> labels;
  for (const types::Case& each : variant.cases) labels.push_back(each.label);
  return labels;
}

std::string label_part(std::string_view label) { return fmt::format("{{\"{}\", NULL, 0}}", label); }

}  // namespace

std::string declare_c(std::string_view type, std::string_view name) {
  return fmt::format("{}{}{}", type, type.ends_with('*') ? "" : " ", name);
}

std::string declare_c_view(std::string_view type, std::string_view name) {
  return type.ends_with('*') ? fmt::format("{}const *{}", type, name)
                             : fmt::format("const {} *{}", type, name);
}

CGlobals::CGlobals(const HostModel& model) : model_(model) {
  const bool is_like_api = model.snake == "tenon" || model.snake.starts_with("tenon_");
  prefix_ = model.snake + (is_like_api ? "__" : "_");
  const bool is_taken =
      is_like_api || std::ranges::binary_search(kLibraryNames, std::string_view(model.snake));
  handle_ = is_taken ? model.snake + "_" : model.root;
  for (const std::string& name :
       {handle_, prefix_ + "find", prefix_ + "find_in", prefix_ + "delete"})
    names_.take(name);
}

std::string CGlobals::prefix_of(const HostInterface& interface) const {
  if (interface.label.empty()) return prefix_;
  const std::string_view scope = short_scope(interface);
  const bool is_on_both_sides =
      interface.is_export &&
      std::ranges::any_of(model_.interfaces, [&](const HostInterface& other) {
        return !other.is_export && !other.label.empty() && short_scope(other) == scope;
      });
  return fmt::format("{}{}{}_", prefix_, is_on_both_sides ? "exports_" : "", scope);
}

std::string CGlobals::local(std::string_view label) const {
  std::string name = snake_name(label);
  const bool hides = name == handle_ || name.starts_with(prefix_) || name.starts_with("tenon_") ||
                     name.ends_with("_t");
  return hides ? name + "_" : name;
}

CTypes::CTypes(const HostModel& model, CodeText& header)
    : model_(model), header_(header), globals_(model) {
  for (const HostInterface& interface : model.interfaces)
    for (const HostType& type : interface.types)
      names_[{model.index_of(interface), type.name}] =
          globals_.take(fmt::format("{}{}", globals_.prefix_of(interface), strip(type.name)));
}

std::string CTypes::fail() {
  has_failed_ = true;
  return "void";
}

bool CTypes::is_of_units(ResourceId id) const {
  const auto named = model_.named_resources.find(id);
  return named != model_.named_resources.end() &&
         model_.interfaces[named->second.interface].is_export;
}

const CTypes::Contents& CTypes::contents_of(TypeId id) {
  if (const auto known = contents_.find(id); known != contents_.end()) return known->second;
  const auto* const list = find_kind<types::List>(id);
  const auto* const own = find_kind<types::Own>(id);
  const auto* const primitive = find_kind<Primitive>(id);
  Contents contents{.memory = (list != nullptr && !list->length) ||
                              find_kind<types::Map>(id) != nullptr ||
                              (primitive != nullptr && *primitive == Primitive::String),
                    .own = own != nullptr && is_of_units(own->resource)};
  // A stream is a number, whatever its items are.
  const bool has_values =
      find_kind<types::Stream>(id) == nullptr && find_kind<types::Future>(id) == nullptr;
  for (const std::optional<TypeId>& part : types::parts_of(model_.types.types[id])) {
    if (!part || !has_values) continue;
    const Contents& inner = contents_of(*part);
    contents.memory = contents.memory || inner.memory;
    contents.own = contents.own || inner.own;
  }
  return contents_.emplace(id, contents).first->second;
}

bool CTypes::is_flat(TypeId id) const {
  // More than 32 flags are several numbers.
  const auto* const flags = find_kind<types::Flags>(id);
  const auto* const primitive = find_kind<Primitive>(id);
  return find_kind<types::Enum>(id) != nullptr ||
         (flags != nullptr && flags->labels.size() <= 32) ||
         (primitive != nullptr && *primitive != Primitive::String);
}

bool CTypes::is_single(TypeId id) const {
  return is_flat(id) || find_kind<types::Flags>(id) != nullptr ||
         find_kind<types::Stream>(id) != nullptr || find_kind<types::Future>(id) != nullptr;
}

bool CTypes::is_struct(TypeId id) const {
  const auto* const list = find_kind<types::List>(id);
  return find_kind<types::Record>(id) != nullptr || find_kind<types::Tuple>(id) != nullptr ||
         find_kind<types::Variant>(id) != nullptr || find_kind<types::Option>(id) != nullptr ||
         find_kind<types::ResultType>(id) != nullptr || (list != nullptr && list->length);
}

// --- Names and declarations

// A type is declared before what uses it.
std::string CTypes::spell_place(const TypePlace& place) {
  const HostInterface& interface = model_.interfaces[place.interface];
  declare(interface, *std::ranges::find(interface.types, place.name, &HostType::name));
  return names_.at({place.interface, place.name});
}

std::string CTypes::spell_resource(ResourceId id) {
  const auto named = model_.named_resources.find(id);
  return named == model_.named_resources.end() ? fail() : spell_place(named->second);
}

std::string CTypes::spell(TypeId id) {
  const auto named = model_.named_types.find(id);
  return named == model_.named_types.end() ? spell_structure(id) : spell_place(named->second);
}

void CTypes::declare(const HostInterface& interface, const HostType& type) {
  const std::string& name = names_.at({model_.index_of(interface), type.name});
  if (!declared_.insert(name).second) return;
  if (type.is_own && std::holds_alternative<TypeId>(type.type)) return declare_own(name, type);
  std::string text;
  if (const auto* const resource = std::get_if<ResourceId>(&type.type))
    text = declare_c(type.is_own ? "struct " + name : spell_resource(*resource), name);
  else
    text = declare_c(spell(std::get<TypeId>(type.type)), name);
  header_.block_comment("", type.docs, "");
  line("typedef {};", text);
}

void CTypes::declare_own(const std::string& name, const HostType& type) {
  const TypeId id = std::get<TypeId>(type.type);
  if (const auto* const record = find_kind<types::Record>(id)) {
    const std::vector<Member> fields = spell_fields(*record, type);
    header_.block_comment("", type.docs, "");
    print_struct(name, fields);
  } else if (const auto* const variant = find_kind<types::Variant>(id)) {
    declare_variant(name, *variant, type);
  } else if (const auto* const labels = find_kind<types::Enum>(id)) {
    header_.block_comment("", type.docs, "");
    declare_enum(name, name, labels->labels, type);
  } else if (const auto* const flags = find_kind<types::Flags>(id)) {
    header_.block_comment("", type.docs, "");
    declare_flags(name, *flags, type);
  } else {
    const std::string structure = spell_structure(id);
    header_.block_comment("", type.docs, "");
    line("typedef {};", declare_c(structure, name));
  }
}

std::vector<std::string> CTypes::member_names(const std::vector<std::string>& labels) const {
  Names names;
  std::vector<std::string> members;
  for (const std::string& label : labels) members.push_back(names.take(globals_.local(label)));
  return members;
}

std::vector<CTypes::Member> CTypes::spell_fields(const types::Record& record,
                                                 const HostType& type) {
  const std::vector<std::string> names = member_names(labels_of(record));
  std::vector<Member> members;
  for (std::size_t i = 0; i < names.size(); ++i)
    members.push_back({spell(record.fields[i].type), names[i], type.docs_of(i)});
  return members;
}

void CTypes::declare_variant(const std::string& name, const types::Variant& variant,
                             const HostType& type) {
  const std::vector<std::string> labels = labels_of(variant);
  const std::vector<std::string> names = member_names(labels);
  std::vector<Member> cases;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (variant.cases[i].type) cases.push_back({spell(*variant.cases[i].type), names[i]});
  const std::string tag = globals_.take(name + "_tag");
  declare_enum(tag, name, labels, type);
  header_.block_comment("", type.docs, "");
  print_struct(name, {{tag, "tag"}}, cases);
}

// of: what the names of the enumerators begin with.
void CTypes::declare_enum(const std::string& name, const std::string& of,
                          const std::vector<std::string>& labels, const HostType& type) {
  line("typedef enum {} {{", name);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    header_.block_comment("  ", type.docs_of(i), "");
    line("  {},", globals_.take(macro_name(fmt::format("{}_{}", of, snake_words(labels[i])))));
  }
  line("}} {};", name);
}

void CTypes::declare_flags(const std::string& name, const types::Flags& flags,
                           const HostType& type) {
  const std::size_t bits = flags.labels.size() <= 32 ? 32 : 64;
  line("typedef uint{}_t {};", bits, name);
  for (std::size_t i = 0; i < flags.labels.size(); ++i) {
    header_.block_comment("", type.docs_of(i), "");
    line("#define {} (UINT{}_C(1) << {})",
         globals_.take(macro_name(fmt::format("{}_{}", name, snake_words(flags.labels[i])))), bits,
         i);
  }
}

// cases: members of a union at the end.
void CTypes::print_struct(const std::string& name, const std::vector<Member>& members,
                          const std::vector<Member>& cases) {
  line("typedef struct {} {{", name);
  for (const Member& member : members) {
    header_.block_comment("  ", member.docs, "");
    line("  {};", declare_c(member.type, member.name));
  }
  if (!cases.empty()) {
    line("  union {{");
    for (const Member& each : cases) line("    {};", declare_c(each.type, each.name));
    line("  }} of;");
  }
  line("}} {};", name);
}

std::string CTypes::words_of(TypeId id) {
  const auto* const primitive = find_kind<Primitive>(id);
  if (primitive != nullptr && !model_.named_types.contains(id))
    return std::string(types::print_primitive(*primitive));
  std::string words = spell(id);
  if (words.starts_with(globals_.prefix())) words.erase(0, globals_.prefix().size());
  if (words.starts_with("tenon_")) words.erase(0, 6);  // a stream
  return words.substr(0, words.find(' '));
}

std::string CTypes::spell_struct(const std::string& kind, const std::string& words,
                                 const std::string& key, const std::vector<Member>& members,
                                 const std::vector<Member>& cases) {
  // The words tell `char` from `u32`.
  const std::string full_key = fmt::format("{} {}: {}", kind, words, key);
  if (const auto known = unnamed_.find(full_key); known != unnamed_.end()) return known->second;
  std::string name = fmt::format("{}{}_{}", globals_.prefix(), kind, words);
  if (name.size() > kMaxName) name = fmt::format("{}{}_{}", globals_.prefix(), kind, ++numbered_);
  name = globals_.take(std::move(name));
  print_struct(name, members, cases);
  unnamed_.emplace(full_key, name);
  return name;
}

std::string CTypes::spell_list(const types::List& list) {
  const std::string element = spell(list.element);
  const std::string words = words_of(list.element);
  if (list.length)
    return spell_struct(fmt::format("array{}", *list.length), words, element,
                        {{element, fmt::format("items[{}]", *list.length)}});
  return spell_struct("list", words, element,
                      {{declare_c_view(element, ""), "ptr"}, {"size_t", "len"}});
}

std::string CTypes::spell_entry(const types::Map& map) {
  const std::string key = spell(map.key);
  const std::string value = spell(map.value);
  return spell_struct("entry", fmt::format("{}_{}", words_of(map.key), words_of(map.value)),
                      fmt::format("{}, {}", key, value), {{key, "key"}, {value, "value"}});
}

std::string CTypes::spell_map(const types::Map& map) {
  const std::string entry = spell_entry(map);
  return spell_struct("map", fmt::format("{}_{}", words_of(map.key), words_of(map.value)), entry,
                      {{declare_c_view(entry, ""), "ptr"}, {"size_t", "len"}});
}

std::string CTypes::spell_tuple(const types::Tuple& tuple) {
  std::vector<Member> members;
  std::vector<std::string> parts;
  std::vector<std::string> words;
  for (const TypeId part : tuple.types) {
    parts.push_back(spell(part));
    words.push_back(words_of(part));
    members.push_back({parts.back(), fmt::format("f{}", members.size())});
  }
  return spell_struct(fmt::format("tuple{}", parts.size()),
                      fmt::format("{}", fmt::join(words, "_")),
                      fmt::format("{}", fmt::join(parts, ", ")), members);
}

std::string CTypes::spell_result(const types::ResultType& result) {
  std::vector<Member> cases;
  std::vector<std::string> parts;
  std::vector<std::string> words;
  const auto add = [&](const std::optional<TypeId>& payload, const char* member) {
    parts.push_back(payload ? spell(*payload) : "void");
    words.push_back(payload ? words_of(*payload) : "void");
    if (payload) cases.push_back({parts.back(), member});
  };
  add(result.ok, "ok");
  add(result.error, "err");
  return spell_struct("result", fmt::format("{}", fmt::join(words, "_")),
                      fmt::format("{}", fmt::join(parts, ", ")), {{"bool", "is_err"}}, cases);
}

std::string CTypes::spell_structure(TypeId id) {
  if (const auto* const primitive = find_kind<Primitive>(id)) {
    const std::string_view name = primitive_in_c(*primitive);
    return name.empty() ? fail() : std::string(name);
  }
  if (const auto* const list = find_kind<types::List>(id)) return spell_list(*list);
  if (const auto* const map = find_kind<types::Map>(id)) return spell_map(*map);
  if (const auto* const tuple = find_kind<types::Tuple>(id)) return spell_tuple(*tuple);
  if (const auto* const option = find_kind<types::Option>(id)) {
    const std::string value = spell(option->type);
    return spell_struct("option", words_of(option->type), value,
                        {{"bool", "is_some"}, {value, "value"}});
  }
  if (const auto* const result = find_kind<types::ResultType>(id)) return spell_result(*result);
  if (const auto* const own = find_kind<types::Own>(id))
    return spell_resource(own->resource) + " *";
  if (const auto* const borrow = find_kind<types::Borrow>(id))
    return spell_resource(borrow->resource) + " *";
  if (find_kind<types::Stream>(id) == nullptr && find_kind<types::Future>(id) == nullptr)
    return fail();  // a record without a name, which WIT text cannot express
  // The description of the stream has that of its items, whose types must be declared.
  for (const std::optional<TypeId>& item : types::parts_of(model_.types.types[id]))
    if (item) spell(*item);
  return "tenon_stream";
}

// --- Descriptions

std::string CTypes::describe(TypeId id) {
  if (const auto known = descriptions_.find(id); known != descriptions_.end()) return known->second;
  const std::string address = add_table(describe_kind(id));
  return descriptions_.emplace(id, address).first->second;
}

std::string CTypes::add_table(const Description& description) {
  const std::string parts = fmt::format("{}", fmt::join(description.parts, ",\n    "));
  const std::string type = fmt::format(
      "{}, {}, {}, sizeof({}), {}", description.kind, description.is_of_unit ? "true" : "false",
      description.length, description.size_of, description.parts.size());
  const std::size_t number = described_.size();
  const auto [known, is_new] = described_.emplace(type + parts, fmt::format("&type_{}_", number));
  if (!is_new) return known->second;
  if (!parts.empty())
    tables_.line("static const tenon_c_part parts_{}_[] = {{\n    {}}};", number, parts);
  tables_.line("static const tenon_c_type type_{}_ = {{{}, {}}};", number, type,
               parts.empty() ? "NULL" : fmt::format("parts_{}_", number));
  return known->second;
}

// member: of the struct `of`, or empty.
std::string CTypes::describe_part(std::string_view label, TypeId type, const std::string& of,
                                  std::string_view member) {
  return fmt::format("{{\"{}\", {}, {}}}", label, describe(type),
                     member.empty() ? "0" : fmt::format("offsetof({}, {})", of, member));
}

CTypes::Description CTypes::describe_map(const types::Map& map) {
  const std::string entry = spell_entry(map);
  const std::string of_entry =
      add_table({.kind = "TENON_RECORD",
                 .size_of = entry,
                 .parts = {describe_part("key", map.key, entry, "key"),
                           describe_part("value", map.value, entry, "value")}});
  return {.kind = "TENON_MAP",
          .size_of = "tenon_c_list",
          .parts = {fmt::format("{{\"\", {}, 0}}", of_entry)}};
}

CTypes::Description CTypes::describe_record(const types::Record& record, const std::string& name) {
  Description description{.kind = "TENON_RECORD", .size_of = name};
  const std::vector<std::string> members = member_names(labels_of(record));
  for (std::size_t i = 0; i < members.size(); ++i)
    description.parts.push_back(
        describe_part(record.fields[i].label, record.fields[i].type, name, members[i]));
  return description;
}

CTypes::Description CTypes::describe_tuple(const types::Tuple& tuple, const std::string& name) {
  Description description{.kind = "TENON_TUPLE", .size_of = name};
  for (std::size_t i = 0; i < tuple.types.size(); ++i)
    description.parts.push_back(describe_part("", tuple.types[i], name, fmt::format("f{}", i)));
  return description;
}

// kind: of a variant or a result.
CTypes::Description CTypes::describe_cases(std::string_view kind, const std::string& name,
                                           const std::vector<types::Case>& cases) {
  Description description{.kind = std::string(kind), .size_of = name};
  for (const types::Case& each : cases)
    description.parts.push_back(each.type ? describe_part(each.label, *each.type, name, "of")
                                          : label_part(each.label));
  return description;
}

CTypes::Description CTypes::describe_labels(std::string_view kind, const std::string& name,
                                            const std::vector<std::string>& labels) {
  Description description{.kind = std::string(kind), .size_of = name};
  for (const std::string& label : labels) description.parts.push_back(label_part(label));
  return description;
}

// Equal types have equal descriptions, so that one variable serves for all: what has no name of its own is
// described by its structure.
CTypes::Description CTypes::describe_kind(TypeId id) {
  const std::string name = spell(id);
  if (const auto* const primitive = find_kind<Primitive>(id))
    return {.kind = fmt::format("TENON_{}",
                                macro_name(std::string(types::print_primitive(*primitive)))),
            .size_of = spell_structure(id)};
  if (const auto* const list = find_kind<types::List>(id))
    return {.kind = "TENON_LIST",
            .size_of = list->length ? spell_structure(id) : "tenon_c_list",
            .length = list->length.value_or(0),
            .parts = {describe_part("", list->element, name, "")}};
  if (const auto* const map = find_kind<types::Map>(id)) return describe_map(*map);
  if (const auto* const record = find_kind<types::Record>(id))
    return describe_record(*record, name);
  if (const auto* const tuple = find_kind<types::Tuple>(id))
    return describe_tuple(*tuple, spell_structure(id));
  if (const auto* const variant = find_kind<types::Variant>(id))
    return describe_cases("TENON_VARIANT", name, variant->cases);
  if (const auto* const labels = find_kind<types::Enum>(id))
    return describe_labels("TENON_ENUM", name, labels->labels);
  if (const auto* const flags = find_kind<types::Flags>(id))
    return describe_labels("TENON_FLAGS", name, flags->labels);
  if (const auto* const option = find_kind<types::Option>(id)) {
    const std::string structure = spell_structure(id);
    return {.kind = "TENON_OPTION",
            .size_of = structure,
            .parts = {label_part("none"), describe_part("some", option->type, structure, "value")}};
  }
  if (const auto* const result = find_kind<types::ResultType>(id))
    return describe_cases("TENON_RESULT", spell_structure(id),
                          {{"ok", result->ok}, {"err", result->error}});
  if (const auto* const own = find_kind<types::Own>(id))
    return {.kind = "TENON_OWN", .size_of = "void *", .is_of_unit = is_of_units(own->resource)};
  if (const auto* const borrow = find_kind<types::Borrow>(id))
    return {
        .kind = "TENON_BORROW", .size_of = "void *", .is_of_unit = is_of_units(borrow->resource)};
  Description stream{
      .kind = find_kind<types::Stream>(id) != nullptr ? "TENON_STREAM" : "TENON_FUTURE",
      .size_of = "tenon_stream"};
  for (const std::optional<TypeId>& item : types::parts_of(model_.types.types[id]))
    if (item) stream.parts.push_back(describe_part("", *item, name, ""));
  return stream;
}

}  // namespace tenon::bindgen

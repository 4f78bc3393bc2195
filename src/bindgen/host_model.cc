#include "bindgen/host_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "bindgen/code_text.h"
#include "host/bundle_world.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "types/hash_function.h"
#include "types/interface_name.h"
#include "types/labels.h"
#include "types/print_type.h"
#include "types/uses.h"
#include "wit/read_wit.h"

namespace tenon::bindgen {

namespace {

using types::NameKind;
using types::RootItem;

// Names that a label cannot have in generated code: keywords of C and C++; `std` and `tenon`, which
// generated code refers to; macros of common headers and compilers. Sorted.
constexpr auto kReservedNames = std::to_array<std::string_view>({
    "alignas",      "alignof",   "and",           "and_eq",       "asm",
    "assert",       "auto",      "bitand",        "bitor",        "bool",
    "break",        "case",      "catch",         "char",         "char16_t",
    "char32_t",     "char8_t",   "class",         "co_await",     "co_return",
    "co_yield",     "compl",     "complex",       "concept",      "const",
    "const_cast",   "consteval", "constexpr",     "constinit",    "continue",
    "decltype",     "default",   "delete",        "do",           "double",
    "dynamic_cast", "else",      "enum",          "errno",        "explicit",
    "export",       "extern",    "false",         "float",        "for",
    "friend",       "goto",      "i386",          "if",           "inline",
    "int",          "linux",     "long",          "main",         "mutable",
    "namespace",    "new",       "noexcept",      "not",          "not_eq",
    "nullptr",      "offsetof",  "operator",      "or",           "or_eq",
    "private",      "protected", "public",        "register",     "reinterpret_cast",
    "requires",     "restrict",  "return",        "short",        "signed",
    "sizeof",       "static",    "static_assert", "static_cast",  "std",
    "stderr",       "stdin",     "stdout",        "struct",       "switch",
    "template",     "tenon",     "this",          "thread_local", "throw",
    "true",         "try",       "typedef",       "typeid",       "typename",
    "typeof",       "union",     "unix",          "unsigned",     "using",
    "virtual",      "void",      "volatile",      "wchar_t",      "while",
    "xor",          "xor_eq",
});
static_assert(std::is_sorted(kReservedNames.begin(), kReservedNames.end()));

// "tenon:sqlite/host@0.1.0" -> "sqlite"
std::string package_label(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {};
  const std::size_t end = name.find_first_of("/@", colon);
  return std::string(name.substr(colon + 1, end == std::string_view::npos ? end : end - colon - 1));
}

// "tenon:sqlite/host@0.1.0" -> "host"; "inner" -> "inner"
std::string last_label(std::string_view name) {
  const std::string_view path = name.substr(0, name.find('@'));
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

bool is_bundle_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name.front()) && name.back() != '-' &&
         name.find("--") == std::string_view::npos && std::ranges::all_of(name, [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
         });
}

// what: "bundle"
Result<std::string> check_name(std::string name, std::string_view what,
                               const BindgenOptions& options) {
  if (is_bundle_name(name)) return name;
  Diagnostic problem =
      name.empty()
          ? make_diagnostic(Code::ConfigUsage, "no name for the {}: `{}` has no package name", what,
                            sanitize_text(options.wit))
          : make_diagnostic(
                Code::ConfigUsage,
                "`{}` is not a valid {} name: expected a letter, then letters, digits and `-`",
                sanitize_text(name), what);
  problem.hints.emplace_back("pass a name: `--name sqlite`");
  return problem;
}

Result<std::string> choose_name(const BindgenOptions& options, const wit::WitPackage& package) {
  return check_name(options.name.empty() ? package_label(package.types.name) : options.name,
                    "bundle", options);
}

// The name of the world, or of the file of a component, whose world has none.
Result<std::string> choose_program_name(const Files& files, const BindgenOptions& options,
                                        const wit::WitPackage& package, const std::string& world) {
  std::string name = options.name;
  if (name.empty() && package.types.name.empty() && !wit::is_wit_text(files, options.wit)) {
    name = std::filesystem::path(options.wit).stem().string();
    std::ranges::replace(name, '_', '-');
  }
  if (name.empty()) name = world.empty() ? package_label(package.types.name) : last_label(world);
  return check_name(std::move(name), "file", options);
}

// The namespaces of interfaces. Each is the last part of the interface's name; where two would be
// equal, both get as much of the package name in front as tells them apart.
// taken: what generated code declares beside the interfaces.
std::vector<std::string> choose_scopes(const std::vector<std::string>& labels,
                                       std::set<std::string> taken) {
  constexpr std::size_t kSpellings = 4;
  const auto spell = [](std::string_view label, std::size_t detail) {
    if (detail == 0) return snake_name(last_label(label));
    if (detail == 1) return snake_name(package_label(label) + "-" + last_label(label));
    return snake_name(detail == 2 ? label.substr(0, label.find('@')) : label);
  };
  std::array<std::map<std::string, std::size_t>, kSpellings> users;
  for (const std::string& label : labels)
    for (std::size_t detail = 0; detail < kSpellings; ++detail)
      ++users[detail][spell(label, detail)];
  Names names(std::move(taken));
  std::vector<std::string> scopes;
  for (const std::string& label : labels) {
    std::size_t detail = 0;
    while (detail + 1 < kSpellings && users[detail].at(spell(label, detail)) > 1) ++detail;
    scopes.push_back(names.take(spell(label, detail)));
  }
  return scopes;
}

// The items of a world that the same side provides.
struct WorldPart {
  std::vector<const RootItem*> items = {};
  bool is_export = false;  // HostInterface::is_export
};

// Reads a world into a HostModel. Names depend on each other, so it takes four passes: scopes of
// interfaces, then types and resources (the first interface that names a type owns it), then
// functions, which need the resources that methods belong to, then the names of functions, which
// must be unique over all interfaces.
class ModelReader final {
 public:
  ModelReader(HostModel& model, const wit::WitPackage& package)
      : model_(model), is_of_component_(package.types.name.empty()) {}

  Result<void> read(const std::vector<WorldPart>& parts) {
    if (!model_.world.empty())
      (void)check_name(model_.world, {NameKind::Label, NameKind::Interface});
    for (const WorldPart& part : parts) open_part(part);
    for (Opened& opened : opened_) read_types(opened);
    for (Opened& opened : opened_) read_functions(opened);
    name_functions();
    if (!problems_.empty()) return problems_;
    return {};
  }

 private:
  // An interface while it is read.
  struct Opened {
    std::size_t interface = 0;  // in the model
    std::vector<types::NamedItem> items;
    types::TypeNames names;
  };

  void open_part(const WorldPart& part) {
    const std::size_t first = model_.interfaces.size();
    std::vector<const RootItem*> own;
    for (const RootItem* const item : part.items) {
      if (const auto* const instance = std::get_if<types::InstanceId>(&item->item))
        open_instance(item->name, *instance);
      else
        own.push_back(item);
    }
    if (!own.empty()) open_world(own);
    const std::span interfaces = std::span(model_.interfaces).subspan(first);
    for (HostInterface& interface : interfaces) interface.is_export = part.is_export;
    name_scopes(interfaces);
  }

  // Generated code has names in literals and comments, and those of a component can be any text: this
  // refuses what is not a name of one of `kinds`.
  std::optional<types::ItemName> check_name(const std::string& name,
                                            std::initializer_list<NameKind> kinds) {
    Result<types::ItemName> parsed = types::parse_item_name(name);
    if (parsed && std::ranges::find(kinds, parsed->kind) != kinds.end()) return *std::move(parsed);
    refuse(name, "is not a name that generated code can have");
    return std::nullopt;
  }

  void open_instance(const std::string& label, types::InstanceId instance) {
    if (!check_name(label, {NameKind::Label, NameKind::Interface})) return;
    HostInterface interface;
    interface.label = label;
    interface.table_name = host::table_name(label);
    model_.interfaces.push_back(std::move(interface));
    opened_.push_back({model_.interfaces.size() - 1, model_.types.instances[instance].exports,
                       types::names_of_instance(model_.types, instance)});
  }

  // Functions and types of the world itself become one more interface, the last, without a name.
  void open_world(const std::vector<const RootItem*>& items) {
    model_.interfaces.emplace_back();
    Opened opened{model_.interfaces.size() - 1, {}, {}};
    for (const RootItem* const item : items) {
      opened.items.push_back({item->name, item->item});
      const auto* const bound = std::get_if<types::TypeBound>(&item->item);
      if (bound == nullptr) continue;
      if (const auto* const type = std::get_if<types::TypeId>(&bound->type))
        opened.names.types.emplace(*type, item->name);
      else
        opened.names.resources.emplace(std::get<types::ResourceId>(bound->type), item->name);
    }
    opened_.push_back(std::move(opened));
  }

  void name_scopes(std::span<HostInterface> interfaces) const {
    std::vector<std::string> labels;
    for (const HostInterface& interface : interfaces) labels.push_back(interface.label);
    if (!labels.empty() && labels.back().empty())
      labels.back() =
          model_.world.empty() || model_.code_for == CodeFor::Program ? "world" : model_.world;
    const std::vector<std::string> scopes =
        choose_scopes(labels, {"detail", "exports", "instance", "module_base", "module_functions",
                               "module_resources", "provide"});
    for (std::size_t i = 0; i < scopes.size(); ++i)
      interfaces[i].scope = (interfaces[i].is_export ? "exports::" : "") + scopes[i];
  }

  void read_types(Opened& opened) {
    HostInterface& interface = model_.interfaces[opened.interface];
    Names names({"exports", "functions", "host", "provide"});
    for (const types::NamedItem& item : opened.items) {
      const auto* const bound = std::get_if<types::TypeBound>(&item.item);
      if (bound == nullptr || !check_name(item.name, {NameKind::Label})) continue;
      HostType named{item.name, names.take(snake_name(item.name)), bound->type};
      const TypePlace place{opened.interface, named.name};
      if (const auto* const type = std::get_if<types::TypeId>(&bound->type)) {
        named.is_own = model_.named_types.emplace(*type, place).second;
        if (named.is_own) add_members(interface, *type);
      } else {
        const auto resource = std::get<types::ResourceId>(bound->type);
        named.is_own = model_.named_resources.emplace(resource, place).second;
        if (named.is_own) interface.resources.push_back({resource, item.name, named.name, {}});
      }
      interface.types.push_back(std::move(named));
    }
  }

  void add_members(HostInterface& interface, types::TypeId id) {
    const auto& kind = model_.types.types[id].kind;
    const auto add = [&](const std::string& label) {
      interface.member_names.insert(snake_name(label));
      interface.member_names.insert(snake_name(label) + "_");
    };
    if (const auto* const record = std::get_if<types::Record>(&kind))
      for (const types::Field& field : record->fields) add(field.label);
    if (const auto* const variant = std::get_if<types::Variant>(&kind)) {
      interface.member_names.insert("value");  // the payload of each case
      for (const types::Case& each : variant->cases) add(each.label);
    }
    if (const auto* const flags = std::get_if<types::Flags>(&kind))
      for (const std::string& label : flags->labels) add(label);
  }

  void read_functions(Opened& opened) {
    HostInterface& interface = model_.interfaces[opened.interface];
    for (const types::NamedItem& item : opened.items)
      if (const auto* const function = std::get_if<types::FunctionId>(&item.item))
        read_function(interface, opened.names, item.name, *function);
  }

  void read_function(HostInterface& interface, const types::TypeNames& names,
                     const std::string& label, types::FunctionId id) {
    const std::optional<types::ItemName> parsed = check_name(
        label, {NameKind::Label, NameKind::Constructor, NameKind::Method, NameKind::Static});
    if (!parsed) return;
    const types::Function& function = model_.types.functions[id];
    HostFunction generated;
    generated.table_name = label;
    generated.function = id;
    generated.signature = types::hash_function(model_.types, id);
    generated.wit = comment_text(types::print_function(model_.types, names, label, id));
    for (const types::Field& param : function.params)
      interface.member_names.insert(snake_name(param.label));
    if (parsed->kind == NameKind::Method) {
      generated.kind = HostFunctionKind::Method;
      generated.name = snake_name(parsed->function);
      interface.member_names.insert(generated.name);
      HostResource* const resource = find_self(interface, function);
      if (resource != nullptr)
        resource->methods.push_back(std::move(generated));
      else
        refuse(label, "is a method, and its interface has no such resource");
      return;
    }
    if (parsed->kind == NameKind::Constructor) {
      generated.kind = HostFunctionKind::Constructor;
      generated.name = "make_" + snake_words(parsed->resource);
    } else if (parsed->kind == NameKind::Static) {
      generated.kind = HostFunctionKind::Static;
      generated.name = snake_name(parsed->resource + "-" + parsed->function);
    } else {
      generated.name = snake_name(label);
    }
    interface.functions.push_back(std::move(generated));
  }

  HostResource* find_self(HostInterface& interface, const types::Function& function) {
    if (function.params.empty()) return nullptr;
    const auto self = types::handled_resource(model_.types, function.params.front().type);
    if (!self) return nullptr;
    const auto match = std::ranges::find(interface.resources, *self, &HostResource::resource);
    return match == interface.resources.end() ? nullptr : &*match;
  }

  // The instance class of a bundle has the functions of all interfaces. If two have the same name, each gets
  // the name of its interface as a prefix.
  void name_functions() {
    if (model_.code_for == CodeFor::Program) {
      for (HostInterface& interface : model_.interfaces) {
        Names names({"adopt", "find", "functions", "host", "instance"});
        for (HostFunction& function : interface.functions)
          name_function(interface, function, names);
        name_methods(interface);
      }
      return;
    }
    std::map<std::string, std::set<const HostInterface*>> users;
    for (const HostInterface& interface : model_.interfaces)
      for (const HostFunction& function : interface.functions)
        users[function.name].insert(&interface);
    // `create` and `function_flags` belong to the author's class.
    Names names({"create", "exports", "function_flags", "instance"});
    for (HostInterface& interface : model_.interfaces) {
      for (HostFunction& function : interface.functions) {
        const bool is_shared = users.at(function.name).size() > 1;
        if (is_shared) function.name = fmt::format("{}_{}", interface.scope, function.name);
        name_function(interface, function, names);
      }
      name_methods(interface);
    }
  }
  static void name_function(HostInterface& interface, HostFunction& function, Names& names) {
    function.name = names.take(function.name);
    interface.member_names.insert(function.name);
  }
  static void name_methods(HostInterface& interface) {
    for (HostResource& resource : interface.resources) {
      Names names({resource.name, "resource_name"});
      for (HostFunction& method : resource.methods) method.name = names.take(method.name);
    }
  }

  void refuse(const std::string& label, std::string_view why) {
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch, "`{}` {}", sanitize_text(label), why);
    problem.where.file = model_.wit;
    // WIT text has no such names, so this is a component or a binary package.
    problem.hints.emplace_back(is_of_component_
                                   ? "rename it in the source of the component, and build it again"
                                   : "regenerate the WIT with the tool that wrote it");
    problems_.push_back(std::move(problem));
  }

  HostModel& model_;
  const bool is_of_component_;  // and not of a WIT package, which has a name
  std::vector<Opened> opened_;
  Diagnostics problems_;
};

}  // namespace

std::string snake_words(std::string_view label) {
  std::string name(label);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_plain) c = '_';
  }
  return name;
}

std::string snake_name(std::string_view label) {
  std::string name = snake_words(label);
  if (std::binary_search(kReservedNames.begin(), kReservedNames.end(), std::string_view(name)))
    name += '_';
  return name;
}

std::string macro_name(std::string_view name) {
  std::string macro(name);
  for (char& c : macro)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return macro;
}

std::string Names::take(std::string name) {
  while (!taken_.insert(name).second) name += '_';
  return name;
}

std::string shown_name(const HostFunction& function) {
  const std::string& name = function.table_name;
  return name.substr(name.starts_with('[') ? name.find(']') + 1 : 0);
}

std::string print_left_out(const HostModel& model, std::string_view line) {
  if (model.left_out.empty()) return {};
  std::string text =
      fmt::format("{0}\n{0} Left out, because `--features` does not enable them:\n", line);
  for (const std::string& item : model.left_out) text += fmt::format("{}   {}\n", line, item);
  return text;
}

Diagnostic refuse_types(const HostModel& model, std::string_view language) {
  Diagnostic problem = make_diagnostic(
      Code::HostWitMismatch,
      "`{}` has types that cannot be written in {}: they are too large or have no name",
      sanitize_text(model.wit), language);
  problem.where.file = model.wit;
  problem.hints.emplace_back("give names to types that are used in many places");
  return problem;
}

namespace {

void add_notes(HostModel& model, const wit::WitPackage& package, const types::NamedWorld* world) {
  for (const engine::LeftOutItem* const item : wit::find_left_out(package, world))
    model.left_out.push_back(
        fmt::format("{} (feature `{}`)", sanitize_text(item->path), sanitize_text(item->feature)));
  model.notes = wit::make_notes(package, world);
}

// The documentation of the fields or cases of a type. path: of the type
std::vector<std::string> read_member_docs(const HostModel& model, const wit::WitPackage& package,
                                          const HostType& type, const std::string& path) {
  const auto* const id = std::get_if<types::TypeId>(&type.type);
  if (id == nullptr || !type.is_own) return {};
  std::vector<std::string> docs;
  const auto labels = types::labels_of(model.types.types[*id]);
  for (const std::string& label : labels.value_or(std::vector<std::string>()))
    docs.emplace_back(package.find_docs(fmt::format("{}.{}", path, label)));
  const bool is_empty = std::ranges::all_of(docs, &std::string::empty);
  return is_empty ? std::vector<std::string>() : docs;
}

// Adds the documentation of the WIT to a program's model.
void add_docs(HostModel& model, const wit::WitPackage& package, WorldSide offers) {
  model.docs = package.find_docs(model.world);
  for (HostInterface& interface : model.interfaces) {
    const bool is_import = interface.is_export == (offers == WorldSide::Exports);
    // The world's own items, and those of interfaces that are written in it, have its path.
    const std::string side = fmt::format("{}#{}:", model.world, is_import ? "import" : "export");
    const bool has_path = interface.label.find(':') != std::string::npos;
    const std::string path = has_path ? interface.label : side + interface.label;
    const bool is_world = interface.label.empty();
    interface.docs = package.find_docs(path);
    for (HostType& type : interface.types) {
      const std::string type_path = fmt::format("{}#{}", is_world ? model.world : path, type.label);
      type.docs = package.find_docs(type_path);
      type.member_docs = read_member_docs(model, package, type, type_path);
    }
    const auto add = [&](std::vector<HostFunction>& functions) {
      for (HostFunction& function : functions)
        function.docs = package.find_docs(
            fmt::format("{}{}{}", path, is_world ? "" : "#", function.table_name));
    };
    add(interface.functions);
    for (HostResource& resource : interface.resources) add(resource.methods);
  }
}

}  // namespace

Result<HostModel> read_host_model(const Files& files, const BindgenOptions& options) {
  HostModel model;
  TENON_TRY(const wit::WitPackage package,
            wit::read_wit(files, options.wit, NamedBy::User,
                          {.world = options.world, .features = options.features}, model.types));
  TENON_TRY(model.name, choose_name(options, package));
  model.snake = snake_words(model.name);
  model.root = model.snake + "_host";
  model.wit = options.wit;
  TENON_TRY(const host::BundleWorld world,
            host::read_bundle_world(package, model.types,
                                    {.host = model.name,
                                     .world = options.world,
                                     .offers = options.offers,
                                     .file = options.wit,
                                     .offers_imports = "`--offers imports`"}));
  model.world = world.name;
  add_notes(model, package, package.types.find_world(world.name));
  WorldPart all;
  for (const auto* const side : {&world.type.imports, &world.type.exports})
    for (const RootItem& item : *side) all.items.push_back(&item);
  TENON_TRY_VOID(ModelReader(model, package).read({all}));
  return model;
}

Result<HostModel> read_program_model(const Files& files, const BindgenOptions& options) {
  HostModel model;
  model.code_for = CodeFor::Program;
  model.wit = options.wit;
  const auto read = [&] {
    return wit::read_wit(files, options.wit, NamedBy::User,
                         {.world = options.world, .features = options.features}, model.types);
  };
  TENON_TRY(const wit::WitPackage package, read());
  types::ComponentType type;
  const types::NamedWorld* world = nullptr;
  if (!options.world.empty() || !package.types.worlds.empty()) {
    TENON_TRY(world, wit::find_world(package, {.name = options.world}));
    type = world->type;
    model.world = world->name;
  } else {
    // The program and the units each have types of their own.
    TENON_TRY(const wit::WitPackage again, read());
    type.imports = types::export_interfaces(package.types.interfaces, model.types).exports;
    type.exports = types::export_interfaces(again.types.interfaces, model.types).exports;
  }
  TENON_TRY(model.name, choose_program_name(files, options, package, model.world));
  model.snake = snake_words(model.name);
  model.root = snake_name(model.name);
  add_notes(model, package, world);
  WorldPart imports;
  for (const RootItem& item : type.imports) imports.items.push_back(&item);
  WorldPart exports;
  for (const RootItem& item : type.exports) exports.items.push_back(&item);
  (options.offers == WorldSide::Exports ? imports : exports).is_export = true;
  TENON_TRY_VOID(ModelReader(model, package).read({imports, exports}));
  add_docs(model, package, options.offers);
  return model;
}

}  // namespace tenon::bindgen

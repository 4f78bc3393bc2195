#include "bindgen/host_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "bindgen/cpp_names.h"
#include "host/bundle_world.h"
#include "host/signature.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "types/interface_name.h"
#include "types/uses.h"
#include "wit/read_wit.h"

namespace tenon::bindgen {

namespace {

using types::RootItem;

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

Result<std::string> choose_name(const BindgenOptions& options, const wit::WitPackage& package) {
  std::string name = options.name.empty() ? package_label(package.types.name) : options.name;
  if (is_bundle_name(name)) return name;
  Diagnostic problem =
      name.empty()
          ? make_diagnostic(Code::ConfigUsage, "`{}` does not say how the bundle is called",
                            sanitize_text(options.wit))
          : make_diagnostic(Code::ConfigUsage,
                            "`{}` is no name of a bundle: a letter, then letters, digits and `-`",
                            sanitize_text(name));
  problem.hints.emplace_back("name it: `--name sqlite`");
  return problem;
}

// Namespaces of interfaces, by their names: of equal last names, those with as much of the package
// as tells them apart.
std::vector<std::string> choose_scopes(const std::vector<std::string>& labels) {
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
  // Names of the bundle's own namespace.
  Names names({"instance", "module_base", "module_functions", "module_resources"});
  std::vector<std::string> made;
  for (const std::string& label : labels) {
    std::size_t detail = 0;
    while (detail + 1 < kSpellings && users[detail].at(spell(label, detail)) > 1) ++detail;
    made.push_back(names.take(spell(label, detail)));
  }
  return made;
}

class ModelReader final {
 public:
  ModelReader(HostModel& model, const host::BundleWorld& world) : model_(model), world_(world) {}

  Result<void> read() {
    std::vector<const RootItem*> own;
    for (const auto* const side : {&world_.type.imports, &world_.type.exports})
      for (const RootItem& item : *side) {
        if (const auto* const instance = std::get_if<types::InstanceId>(&item.item))
          open_instance(item.name, *instance);
        else
          own.push_back(&item);
      }
    if (!own.empty()) open_world(own);
    name_scopes();
    for (Opened& opened : opened_) read_types(opened);
    for (Opened& opened : opened_) read_functions(opened);
    name_functions();
    if (!problems_.empty()) return problems_;
    return {};
  }

 private:
  struct Opened {
    std::size_t interface = 0;
    std::vector<types::NamedItem> items;
    types::TypeNames names;
  };

  void open_instance(const std::string& label, types::InstanceId instance) {
    HostInterface made;
    made.label = label;
    made.table_name = host::table_name(label);
    model_.interfaces.push_back(std::move(made));
    opened_.push_back({model_.interfaces.size() - 1, model_.types.instances[instance].exports,
                       types::names_of_instance(model_.types, instance)});
  }

  // Functions and types of the world itself are in its last interface, which has no name.
  void open_world(const std::vector<const RootItem*>& items) {
    model_.interfaces.emplace_back();
    Opened made{model_.interfaces.size() - 1, {}, {}};
    for (const RootItem* const item : items) {
      made.items.push_back({item->name, item->item});
      const auto* const bound = std::get_if<types::TypeBound>(&item->item);
      if (bound == nullptr) continue;
      if (const auto* const type = std::get_if<types::TypeId>(&bound->type))
        made.names.types.emplace(*type, item->name);
      else
        made.names.resources.emplace(std::get<types::ResourceId>(bound->type), item->name);
    }
    opened_.push_back(std::move(made));
  }

  void name_scopes() {
    std::vector<std::string> labels;
    for (const HostInterface& interface : model_.interfaces) labels.push_back(interface.label);
    if (!labels.empty() && labels.back().empty())
      labels.back() = world_.name.empty() ? "world" : world_.name;
    const std::vector<std::string> scopes = choose_scopes(labels);
    for (std::size_t i = 0; i < scopes.size(); ++i) model_.interfaces[i].scope = scopes[i];
  }

  void read_types(Opened& opened) {
    HostInterface& interface = model_.interfaces[opened.interface];
    Names names({"exports"});
    for (const types::NamedItem& item : opened.items) {
      const auto* const bound = std::get_if<types::TypeBound>(&item.item);
      if (bound == nullptr) continue;
      HostType made{names.take(snake_name(item.name)), bound->type};
      const TypePlace place{opened.interface, made.name};
      if (const auto* const type = std::get_if<types::TypeId>(&bound->type)) {
        made.is_own = model_.named_types.emplace(*type, place).second;
        if (made.is_own) add_members(interface, *type);
      } else {
        const auto resource = std::get<types::ResourceId>(bound->type);
        made.is_own = model_.named_resources.emplace(resource, place).second;
        if (made.is_own) interface.resources.push_back({resource, item.name, made.name, {}});
      }
      interface.types.push_back(std::move(made));
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
      interface.member_names.insert("value");  // of each case
      for (const types::Case& one : variant->cases) add(one.label);
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
    const types::Function& function = model_.types.functions[id];
    HostFunction made;
    made.table_name = label;
    made.function = id;
    made.signature = host::hash_signature(model_.types, id);
    made.wit = types::print_function(model_.types, names, label, id);
    for (const types::Field& param : function.params)
      interface.member_names.insert(snake_name(param.label));
    const Result<types::ItemName> parsed = types::parse_item_name(label);
    const auto kind = parsed ? parsed->kind : types::NameKind::Label;
    if (kind == types::NameKind::Method) {
      made.kind = HostFunctionKind::Method;
      made.name = snake_name(parsed->function);
      interface.member_names.insert(made.name);
      HostResource* const resource = find_self(interface, function);
      if (resource != nullptr)
        resource->methods.push_back(std::move(made));
      else
        refuse(label, "is a method of no resource of its interface");
      return;
    }
    if (kind == types::NameKind::Constructor) {
      made.kind = HostFunctionKind::Constructor;
      made.name = "make_" + snake_words(parsed->resource);
    } else if (kind == types::NameKind::Static) {
      made.kind = HostFunctionKind::Static;
      made.name = snake_name(parsed->resource + "-" + parsed->function);
    } else {
      made.name = snake_name(label);
    }
    interface.functions.push_back(std::move(made));
  }

  HostResource* find_self(HostInterface& interface, const types::Function& function) {
    if (function.params.empty()) return nullptr;
    const auto self = types::handled_resource(model_.types, function.params.front().type);
    if (!self) return nullptr;
    const auto found = std::ranges::find(interface.resources, *self, &HostResource::resource);
    return found == interface.resources.end() ? nullptr : &*found;
  }

  // An instance has the functions of all interfaces: those of equal names get their interface's.
  void name_functions() {
    std::map<std::string, std::set<const HostInterface*>> users;
    for (const HostInterface& interface : model_.interfaces)
      for (const HostFunction& function : interface.functions)
        users[function.name].insert(&interface);
    // The author's class has these two.
    Names names({"create", "exports", "function_flags", "instance"});
    for (HostInterface& interface : model_.interfaces) {
      for (HostFunction& function : interface.functions) {
        const bool is_shared = users.at(function.name).size() > 1;
        function.name = names.take(is_shared ? fmt::format("{}_{}", interface.scope, function.name)
                                             : function.name);
        interface.member_names.insert(function.name);
      }
      for (HostResource& resource : interface.resources) {
        Names methods({resource.name});
        for (HostFunction& method : resource.methods) method.name = methods.take(method.name);
      }
    }
  }

  void refuse(const std::string& label, std::string_view why) {
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch, "`{}` {}", sanitize_text(label), why);
    problem.where.file = model_.wit;
    problem.hints.emplace_back("make the WIT again with the tools that wrote it");
    problems_.push_back(std::move(problem));
  }

  HostModel& model_;
  const host::BundleWorld& world_;
  std::vector<Opened> opened_;
  Diagnostics problems_;
};

}  // namespace

std::string shown_name(const HostFunction& function) {
  const std::string& name = function.table_name;
  return name.substr(name.starts_with('[') ? name.find(']') + 1 : 0);
}

Result<HostModel> read_host_model(const Files& files, const BindgenOptions& options) {
  HostModel model;
  TENON_TRY(const wit::WitPackage package,
            wit::read_wit(files, options.wit, NamedBy::User, model.types));
  TENON_TRY(model.name, choose_name(options, package));
  model.snake = snake_words(model.name);
  model.wit = options.wit;
  TENON_TRY(
      const host::BundleWorld world,
      host::read_bundle_world(package, model.types,
                              {.host = model.name, .world = options.world, .file = options.wit}));
  model.world = world.name;
  TENON_TRY_VOID(ModelReader(model, world).read());
  return model;
}

}  // namespace tenon::bindgen

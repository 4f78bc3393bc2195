#include "bindgen/python_module.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "bindgen/cpp_declarations.h"
#include "bindgen/python_declarations.h"
#include "bindgen/python_types.h"
#include "support/files.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "types/interface_name.h"

namespace tenon::bindgen {

namespace {

using types::TypeId;

// Members of the package's classes, which a function with the same name does not replace
// (bindings/python/tests/test_typed.py compares them).
constexpr auto kInterfaceMembers =
    std::to_array<std::string_view>({"call", "functions", "interfaces", "start", "types"});
constexpr auto kUnitMembers = std::to_array<std::string_view>({"name"});
constexpr auto kCompositionMembers = std::to_array<std::string_view>(
    {"close", "closed", "end_deadlock", "evaluate", "interrupt", "run_command", "run_for", "serve",
     "swap", "take_drop_failure", "unit", "units"});
// Members of its resources, which a method with the same name replaces.
constexpr auto kResourceMembers =
    std::to_array<std::string_view>({"close", "closed", "resource_type"});

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// The resource and the name of a function of one: "[static]wallet.open" -> "wallet", "open".
std::pair<std::string, std::string> split_function(const HostFunction& function) {
  const Result<types::ItemName> parsed = types::parse_item_name(function.table_name);
  if (!parsed || !parsed->is_resource_function()) return {"", function.table_name};
  return {parsed->resource, parsed->function};
}
std::string name_of(const HostFunction& function) {
  return python_snake(split_function(function).second);
}

// Names of classes that are not types of the WIT.
struct ModuleNames {
  std::vector<std::string> interfaces;  // "CartInterface" or "DiscountsProvider", as in the model
  std::string imports;
  std::string composition;
  std::string unit;
};

bool has_functions(const HostInterface& interface) {
  return !interface.functions.empty() ||
         std::ranges::any_of(interface.resources,
                             [](const auto& resource) { return !resource.methods.empty(); });
}
// Whether there is a class for its functions. Those of the world itself are members of the composition.
bool has_view(const HostInterface& interface) {
  return interface.is_export && !interface.label.empty() && has_functions(interface);
}
bool has_provider(const HostInterface& interface) {
  return !interface.is_export && !interface.label.empty() &&
         (!interface.functions.empty() || !interface.resources.empty());
}

ModuleNames choose_names(const HostModel& model, PythonTypes& python) {
  ModuleNames names;
  for (const HostInterface& interface : model.interfaces) {
    std::string scope = interface.scope.substr(interface.scope.rfind(':') + 1);
    std::ranges::replace(scope, '_', '-');
    const std::string_view suffix = interface.is_export ? "Interface" : "Provider";
    const bool is_named = has_view(interface) || has_provider(interface);
    names.interfaces.push_back(
        is_named ? python.take_name(fmt::format("{}{}", python_pascal(scope), suffix)) : "");
  }
  names.imports = python.take_name("Imports");
  names.composition = python.take_name("Composition");
  names.unit = python.take_name("Unit");
  return names;
}

// Base of the printers of both files.
class PythonPrinter {
 protected:
  PythonPrinter(const HostModel& model, PythonTypes& python, const ModuleNames& names)
      : model_(model), python_(python), names_(names) {}

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.line(format, std::forward<Args>(args)...);
  }

  // The world of a component has no name.
  [[nodiscard]] const std::string& world_name() const {
    return model_.world.find(':') == std::string::npos ? model_.name : model_.world;
  }
  [[nodiscard]] const std::string& name_of_interface(const HostInterface& interface) const {
    return names_.interfaces[model_.index_of(interface)];
  }
  template <class T>
  [[nodiscard]] const T* find_kind(TypeId id) const {
    return std::get_if<T>(&model_.types.types[id].kind);
  }
  [[nodiscard]] const types::Function& type_of(const HostFunction& function) const {
    return model_.types.functions[function.function];
  }
  // The constructor and the static functions of a resource.
  static std::vector<const HostFunction*> functions_of(const HostInterface& interface,
                                                       const HostResource& resource) {
    std::vector<const HostFunction*> functions;
    for (const HostFunction& function : interface.functions)
      if (split_function(function).first == resource.label) functions.push_back(&function);
    return functions;
  }

  const HostModel& model_;
  PythonTypes& python_;
  const ModuleNames& names_;
  CodeText text_;
};

// ---- NAME.pyi ----

class PythonStubPrinter final : PythonPrinter {
 public:
  PythonStubPrinter(const HostModel& model, PythonTypes& python, const ModuleNames& names)
      : PythonPrinter(model, python, names), declarations_(model, python, text_) {}

  std::string print() && {
    for (const PythonClass& of : python_.classes()) declarations_.print(of);
    for (const HostInterface& interface : model_.interfaces) {
      for (const HostResource& resource : interface.resources) {
        if (interface.is_export)
          print_handle(interface, resource);
        else
          print_provided_resource(interface, resource);
      }
      if (has_view(interface)) print_view(interface);
      if (has_provider(interface)) print_provider(interface);
    }
    print_imports();
    print_exports();
    const std::string body = std::exchange(text_, CodeText()).take();
    print_head(body);
    return std::move(text_).take() + body;
  }

 private:
  // The lines before `body`, with an import for each module that it uses.
  void print_head(std::string_view body) {
    line("# Made by `tenon bindgen py` from the WIT of {}. Do not edit.",
         sanitize_text(world_name()));
    if (!model_.left_out.empty()) line("{}", print_left_out(model_, "#"));
    if (replaces_members_) {
      line("# mypy: disable-error-code=\"override\"");
      line(
          "# pyright: reportIncompatibleMethodOverride=false, "
          "reportIncompatibleVariableOverride=false");
    }
    print_docstring(text_, "", model_.docs, "");
    for (const std::string_view module : {"array", "builtins", "dataclasses", "enum"})
      if (body.find(fmt::format("_{}.", module)) != std::string_view::npos)
        line("import {0} as _{0}", module);
    line("import typing as _t\n");
    line("import tenon as _tenon");
    line("from tenon import typed as _typed");
  }

  std::string result_of(TypeId id) { return python_.spell(id, PythonUse::Result); }
  std::string argument_of(TypeId id) { return python_.spell(id, PythonUse::Argument); }
  std::string argument_of(const std::optional<TypeId>& id) {
    return id ? argument_of(*id) : "None";
  }

  // ---- Functions of units ----

  // Parameters after the receiver; as in `inspect.signature`, trailing options can be left out.
  std::vector<std::string> called_params(const HostFunction& function) {
    std::vector<std::string> params;
    const std::vector<types::Field>& fields = type_of(function).params;
    const std::size_t first = function.kind == HostFunctionKind::Method ? 1 : 0;
    const auto is_option = [&](const types::Field& field) {
      return find_kind<types::Option>(field.type) != nullptr;
    };
    bool has_self = false;
    for (std::size_t i = first; i < fields.size(); ++i) {
      const bool can_be_absent = std::ranges::all_of(std::span(fields).subspan(i), is_option);
      const std::string name = python_snake(fields[i].label);
      has_self = has_self || name == "self";
      params.push_back(fmt::format("{}: {}{}", name, argument_of(fields[i].type),
                                   can_be_absent ? " = ..." : ""));
    }
    params.insert(params.begin(), has_self ? "self_" : "self");
    return params;
  }
  // The type that a call returns; for a `result`, the payload of `ok`.
  std::string called_result(const HostFunction& function) {
    const types::Function& type = type_of(function);
    std::optional<TypeId> id = type.result;
    if (id)
      if (const auto* const result = find_kind<types::ResultType>(*id)) id = result->ok;
    const std::string result = id ? result_of(*id) : "None";
    return type.is_async ? fmt::format("_tenon.Call[{}]", result) : result;
  }
  // name: as a class has it.
  void print_called(const HostFunction& function, std::string_view name) {
    if (!python_.supports(function.function)) return print_unsupported(function);
    print_member_function(text_, fmt::format("    def {}", name), called_params(function),
                          fmt::format(" -> {}:", called_result(function)));
    print_docstring(text_, "        ", function.docs, function.wit);
  }

  // A class needs more than a comment.
  void print_unsupported(const HostFunction& function) {
    line("    ...  # The package has no values for: {}", function.wit);
  }

  // The class of the objects of a resource, and what its class object has in a composition.
  void print_handle(const HostInterface& interface, const HostResource& resource) {
    const PythonResource& of = python_.resource(resource.resource);
    line("");
    print_class_head(fmt::format("class {}(_tenon.Resource):", of.name), of.docs,
                     resource.methods.empty());
    for (const HostFunction& method : resource.methods) {
      const std::string name = name_of(method);
      replaces_members_ = replaces_members_ || is_one_of(kResourceMembers, name);
      print_called(method, name);
    }
    line("_{0}Handle: _t.TypeAlias = {0}", of.name);
    const std::vector<const HostFunction*> functions = functions_of(interface, resource);
    line("");
    print_class_head(fmt::format("class _{}Class(_t.Protocol):", of.name), "", functions.empty());
    for (const HostFunction* const function : functions)
      print_called(*function, class_member(*function));
  }
  static std::string class_member(const HostFunction& function) {
    return function.kind == HostFunctionKind::Constructor ? "__call__" : name_of(function);
  }
  // is_empty: there is nothing else in the class.
  void print_class_head(const std::string& head, std::string_view docs, bool is_empty) {
    line("{}{}", head, is_empty && docs.empty() ? " ..." : "");
    print_docstring(text_, "    ", docs, "");
  }

  // The names of the functions, and of the classes, that an object has as attributes, in one interface or in several.
  using Attributes = std::map<std::string, std::size_t>;
  Attributes count_attributes() const {
    Attributes users;
    for (const HostInterface& interface : model_.interfaces) {
      if (!interface.is_export) continue;
      for (const HostFunction& function : interface.functions)
        if (function.kind == HostFunctionKind::Free) ++users[name_of(function)];
      for (const HostResource& resource : interface.resources)
        if (has_class_object(interface, resource)) ++users[python_pascal(resource.label)];
    }
    return users;
  }
  // A resource without functions has no class that a program could find.
  static bool has_class_object(const HostInterface& interface, const HostResource& resource) {
    return !resource.methods.empty() || !functions_of(interface, resource).empty();
  }

  void print_view(const HostInterface& interface) {
    line("\nclass {}(_typed.BaseInterface):", name_of_interface(interface));
    print_docstring(text_, "    ", interface.docs, interface.label);
    for (const HostResource& resource : interface.resources)
      print_class_object(interface, resource);
    for (const HostFunction& function : interface.functions) {
      if (function.kind != HostFunctionKind::Free) continue;
      const std::string name = name_of(function);
      if (is_one_of(kInterfaceMembers, name))
        print_hidden(interface, function);
      else
        print_called(function, name);
    }
  }
  void print_class_object(const HostInterface& interface, const HostResource& resource) {
    if (has_class_object(interface, resource))
      line("    {}: _{}Class", python_pascal(resource.label),
           python_.resource(resource.resource).name);
  }
  // A function whose name the package uses.
  void print_hidden(const HostInterface& interface, const HostFunction& function) {
    line("    # Only as call({}, ..): {}",
         python_quote(tenon::shown_name(interface.label, function.table_name)), function.wit);
  }

  // ---- Functions of the program ----

  std::vector<std::string> provided_params(const HostFunction& function) {
    std::vector<std::string> params;
    const std::vector<types::Field>& fields = type_of(function).params;
    const std::size_t first = function.kind == HostFunctionKind::Method ? 1 : 0;
    for (const types::Field& field : std::span(fields).subspan(first))
      params.push_back(result_of(field.type));
    return params;
  }
  // The types that a function can return. It can be a coroutine function, and raise the `err` of a `result` or return it.
  std::string provided_result(const HostFunction& function) {
    const std::optional<TypeId>& id = type_of(function).result;
    if (!id) return python_.spell_builtin("object");
    const auto* const result = find_kind<types::ResultType>(*id);
    const std::optional<TypeId> made = result != nullptr ? result->ok : id;
    const auto* const own = made ? find_kind<types::Own>(*made) : nullptr;
    if (function.kind == HostFunctionKind::Constructor && own != nullptr)
      return python_.name_of(own->resource);
    if (result == nullptr) return fmt::format("_typed.Answer[{}]", argument_of(*id));
    if (!result->ok) return python_.spell_builtin("object");
    return fmt::format("_typed.Answer[{0} | _tenon.Ok[{0}] | _tenon.Err[{1}]]",
                       argument_of(*result->ok), argument_of(result->error));
  }

  // The names of parameters are those of the program: the package passes arguments by position.
  void print_provided(const HostFunction& function) {
    if (!python_.supports(function.function)) return print_unsupported(function);
    std::vector<std::string> params = provided_params(function);
    const std::vector<types::Field>& fields = type_of(function).params;
    const std::size_t first = fields.size() - params.size();
    bool has_self = false;
    for (std::size_t i = 0; i < params.size(); ++i) {
      const std::string label = python_snake(fields[first + i].label);
      has_self = has_self || label == "self";
      params[i] = fmt::format("{}: {}", label, params[i]);
    }
    params.insert(params.begin(), has_self ? "self_" : "self");
    params.emplace_back("/");
    print_member_function(text_, fmt::format("    def {}", class_member(function)), params,
                          fmt::format(" -> {}:", provided_result(function)));
    print_docstring(text_, "        ", function.docs, function.wit);
  }
  std::string provided_callable(const HostFunction& function) {
    const std::vector<std::string> params = provided_params(function);
    return fmt::format("_t.Callable[[{}], {}]", fmt::join(params, ", "), provided_result(function));
  }

  void print_provided_resource(const HostInterface& interface, const HostResource& resource) {
    const PythonResource& of = python_.resource(resource.resource);
    line("");
    print_class_head(fmt::format("class {}(_t.Protocol):", of.name), of.docs,
                     resource.methods.empty());
    for (const HostFunction& method : resource.methods) print_provided(method);
    line("\nclass _{}Class(_t.Protocol):", of.name);
    bool has_constructor = false;
    for (const HostFunction* const function : functions_of(interface, resource)) {
      has_constructor = has_constructor || function->kind == HostFunctionKind::Constructor;
      print_provided(*function);
    }
    if (!has_constructor)
      line("    def __call__(self, *args: _t.Any, **keywords: _t.Any) -> {}: ...", of.name);
  }

  void print_provider(const HostInterface& interface) {
    const std::string& name = name_of_interface(interface);
    line("\nclass {}(_t.Protocol):", name);
    print_docstring(text_, "    ", interface.docs, interface.label);
    std::vector<std::string> items;
    for (const HostResource& resource : interface.resources) {
      const std::string attribute = python_pascal(resource.label);
      const std::string type = fmt::format("_{}Class", python_.resource(resource.resource).name);
      line("    @{}", python_.spell_builtin("property"));
      line("    def {}(self) -> {}: ...", attribute, type);
      items.push_back(fmt::format("{}: {}", python_quote(attribute), type));
    }
    for (const HostFunction& function : interface.functions) {
      if (function.kind != HostFunctionKind::Free) continue;
      print_provided(function);
      if (python_.supports(function.function))
        items.push_back(
            fmt::format("{}: {}", python_quote(name_of(function)), provided_callable(function)));
    }
    line("");
    print_typed_dict(text_, fmt::format("_{}Dict", name), items, "");
  }

  // Prints the type of the argument `imports` of `link`. Each key is optional, because units can provide imports.
  void print_imports() {
    std::vector<std::string> items;
    for (const HostInterface& interface : model_.interfaces) {
      if (has_provider(interface)) {
        const std::string type = fmt::format("{0} | _{0}Dict", name_of_interface(interface));
        const std::string plain = interface.label.substr(0, interface.label.find('@'));
        items.push_back(fmt::format("{}: {}", python_quote(interface.label), type));
        if (plain != interface.label)
          items.push_back(fmt::format("{}: {}", python_quote(plain), type));
      } else if (!interface.is_export && interface.label.empty()) {
        for (const HostFunction& function : interface.functions)
          if (function.kind == HostFunctionKind::Free && python_.supports(function.function))
            items.push_back(fmt::format("{}: {}", python_quote(function.table_name),
                                        provided_callable(function)));
      }
    }
    line("");
    print_typed_dict(text_, names_.imports, items, ", total=False");
  }

  // ---- The world ----

  // The names by which a composition finds an interface, as _composition.py does.
  std::vector<std::string> keys_of(const HostInterface& interface) const {
    const auto forms = [](const std::string& label) {
      const std::string plain = label.substr(0, label.find('@'));
      return std::array{label, plain, plain.substr(plain.rfind('/') + 1)};
    };
    std::vector<std::string> keys;
    for (const std::string& key : forms(interface.label)) {
      const auto fits = [&](const HostInterface& other) {
        const auto others = forms(other.label);
        return has_view(other) && std::ranges::find(others, key) != others.end();
      };
      if (std::ranges::count_if(model_.interfaces, fits) == 1 &&
          std::ranges::find(keys, python_quote(key)) == keys.end())
        keys.push_back(python_quote(key));
    }
    return keys;
  }

  void print_exports() {
    const Attributes users = count_attributes();
    const std::ptrdiff_t views = std::ranges::count_if(model_.interfaces, has_view);
    line("\nclass _Exports:");
    if (views == 0) line("    ...");
    for (const HostInterface& interface : model_.interfaces) {
      if (!has_view(interface)) continue;
      if (views > 1) line("    @_t.overload");
      line("    def __getitem__(self, interface: _t.Literal[{}]) -> {}: ...",
           fmt::join(keys_of(interface), ", "), name_of_interface(interface));
    }
    const auto is_hidden = [](std::string_view name) {
      return is_one_of(kUnitMembers, name) || is_one_of(kCompositionMembers, name);
    };
    print_attributes(users, [&](std::string_view name) { return !is_hidden(name); });
    print_whole(names_.composition, "Composition", users,
                [](std::string_view name) { return is_one_of(kUnitMembers, name); });
    print_whole(names_.unit, "Unit", users,
                [](std::string_view name) { return is_one_of(kCompositionMembers, name); });
    line("\nworld: _typed.World[{}, {}, {}]", names_.imports, names_.composition, names_.unit);
  }
  // The functions that are attributes of a composition: those whose names are unique.
  template <class Includes>
  void print_attributes(const Attributes& users, Includes includes) {
    for (const HostInterface& interface : model_.interfaces) {
      if (!interface.is_export) continue;
      for (const HostResource& resource : interface.resources) {
        const std::string name = python_pascal(resource.label);
        const auto found = users.find(name);
        if (found != users.end() && found->second == 1 && includes(name))
          print_class_object(interface, resource);
      }
      for (const HostFunction& function : interface.functions) {
        if (function.kind != HostFunctionKind::Free) continue;
        const std::string name = name_of(function);
        if (users.at(name) != 1 || !includes(name)) continue;
        if (is_one_of(kInterfaceMembers, name))
          print_hidden(interface, function);
        else
          print_called(function, name);
      }
    }
  }
  // includes: functions that the other one of the two classes hides.
  template <class Includes>
  void print_whole(const std::string& name, std::string_view base, const Attributes& users,
                   Includes includes) {
    line("\nclass {}(_typed.Base{}, _Exports):", name, base);
    line("    \"\"\"A {} with the exports of {}.\"\"\"", base == "Unit" ? "unit" : "composition",
         sanitize_text(world_name()));
    print_attributes(users, includes);
  }

  PythonDeclarations declarations_;
  bool replaces_members_ = false;
};

// ---- NAME.py ----

class PythonSourcePrinter final : PythonPrinter {
 public:
  PythonSourcePrinter(const HostModel& model, PythonTypes& python, const ModuleNames& names)
      : PythonPrinter(model, python, names) {}

  std::string print() && {
    line("# Made by `tenon bindgen py` from the WIT of {}. Do not edit.",
         sanitize_text(world_name()));
    line("import tenon as _tenon");
    line("from tenon import typed as _typed\n");
    for (const PythonClass& of : python_.classes()) print_class(of);
    for (const HostInterface& interface : model_.interfaces) {
      for (const HostResource& resource : interface.resources) print_resource(interface, resource);
      if (has_view(interface)) line("{} = _tenon.Interface", name_of_interface(interface));
      if (has_provider(interface)) line("{} = _typed.Provider", name_of_interface(interface));
    }
    line("{} = dict", names_.imports);
    line("{} = _tenon.Composition", names_.composition);
    line("{} = _tenon.Unit", names_.unit);
    print_world();
    return std::move(text_).take();
  }

 private:
  std::string part(const std::string& label, const std::optional<TypeId>& type) {
    return fmt::format("{}: {}", python_quote(label), type ? python_.describe(*type) : "None");
  }

  void print_class(const PythonClass& of) {
    std::vector<std::string> parts;
    const std::string label = python_quote(of.label);
    if (const auto* const record = find_kind<types::Record>(of.type)) {
      for (const types::Field& field : record->fields)
        parts.push_back(part(field.label, field.type));
      return print_python_list(text_, fmt::format("{} = _typed.record({}, {{", of.name, label),
                               parts, "})");
    }
    if (const auto* const variant = find_kind<types::Variant>(of.type)) {
      for (const types::Case& each : variant->cases) parts.push_back(part(each.label, each.type));
      return print_python_list(text_, fmt::format("{} = _typed.variant({}, {{", of.name, label),
                               parts, "})");
    }
    const auto* const flags = find_kind<types::Flags>(of.type);
    const auto* const labels = find_kind<types::Enum>(of.type);
    for (const std::string& each : flags != nullptr ? flags->labels : labels->labels)
      parts.push_back(python_quote(each));
    print_python_list(
        text_,
        fmt::format("{} = _typed.{}({}, [", of.name, flags != nullptr ? "flags" : "enum", label),
        parts, "])");
  }

  void print_resource(const HostInterface& interface, const HostResource& resource) {
    const std::string& name = python_.resource(resource.resource).name;
    if (interface.is_export)
      line("{} = _typed.resource({}, {})", name, python_quote(interface.label),
           python_quote(resource.label));
    else
      line("{} = _typed.Provider", name);
  }

  // The functions that the units are to have, by their interfaces.
  void print_world() {
    line("world = _typed.World({}, {{", python_quote(world_name()));
    for (const HostInterface& interface : model_.interfaces) {
      if (!interface.is_export || !has_functions(interface)) continue;
      line("    {}: {{", python_quote(interface.label));
      for (const HostFunction& function : interface.functions) print_function(function);
      for (const HostResource& resource : interface.resources)
        for (const HostFunction& method : resource.methods) print_function(method);
      line("    }},");
    }
    line("}})");
  }
  void print_function(const HostFunction& function) {
    if (!python_.supports(function.function)) return;
    const types::Function& type = type_of(function);
    std::vector<std::string> params;
    for (const types::Field& param : type.params) params.push_back(part(param.label, param.type));
    print_python_list(
        text_,
        fmt::format("        {}: _typed.{}({{", python_quote(function.table_name),
                    type.is_async ? "async_func" : "func"),
        params, fmt::format("}}, {}),", type.result ? python_.describe(*type.result) : "None"));
  }
};

// A module that is called `tenon` would be imported in place of the package.
std::string module_name(const HostModel& model) {
  const std::string name = python_snake(model.name);
  return name == "tenon" ? "tenon_" : name;
}

}  // namespace

Result<std::vector<GeneratedFile>> print_program_python(const HostModel& model) {
  PythonTypes python(model);
  const ModuleNames names = choose_names(model, python);
  std::string stub = PythonStubPrinter(model, python, names).print();
  std::string source = PythonSourcePrinter(model, python, names).print();
  if (python.has_failed()) return refuse_types(model, "Python");
  const std::string name = module_name(model);
  return std::vector<GeneratedFile>{{name + ".pyi", std::move(stub)},
                                    {name + ".py", std::move(source)}};
}

Result<GeneratedCode> generate_python(const BindgenOptions& options) {
  TENON_TRY(HostModel model, read_program_model(RealFiles(), options));
  TENON_TRY(std::vector<GeneratedFile> files, print_program_python(model));
  return GeneratedCode{.files = std::move(files), .notes = std::move(model.notes)};
}

}  // namespace tenon::bindgen

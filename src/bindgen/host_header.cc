#include "bindgen/host_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>

#include "bindgen/bindgen.h"
#include "bindgen/cpp_types.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::bindgen {

namespace {

using types::TypeId;

// The version of tenon/host_glue.h that printed headers ask for. When the printed text begins to
// use a name that a newer glue added, this becomes `version` of that glue.
constexpr int kGlueVersion = 2;

// Prints the C++ header, part by part in the order of the file: the include of the glue; for each
// interface a namespace with its types, resource classes and the class `exports`; the class
// `instance`, which derives from all `exports`; the fields of records and flags, for the codecs of
// the glue; the tables that TENON_HOST_MODULE finds.
class CppHeaderPrinter final {
 public:
  explicit CppHeaderPrinter(const HostModel& model) : model_(model), cpp_(model) {}

  Result<std::string> print() && {
    line("// Made by `tenon bindgen host-cpp` from the WIT of {}. Do not edit.",
         model_.world.empty() ? model_.name : sanitize_text(model_.world));
    print_include();
    for (const HostInterface& interface : model_.interfaces) print_interface(interface);
    print_instance();
    print_codecs();
    print_tables();
    if (!cpp_.has_failed()) return std::move(text_);
    Diagnostic problem = make_diagnostic(
        Code::HostWitMismatch,
        "`{}` has types that cannot be written in C++: they are too large or have no name",
        sanitize_text(model_.wit));
    problem.where.file = model_.wit;
    problem.hints.emplace_back("give names to types that are used in many places");
    return problem;
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  // How CppTypes refers to the interface in whose namespace a type is spelled.
  [[nodiscard]] std::size_t index_of(const HostInterface& interface) const {
    return static_cast<std::size_t>(&interface - model_.interfaces.data());
  }
  // "sqlite_host::sql::error"
  [[nodiscard]] std::string full_name(const HostInterface& interface, std::string_view name) const {
    return fmt::format("{}_host::{}::{}", model_.snake, interface.scope, name);
  }
  std::string owned(const HostInterface& scope, TypeId id) {
    return cpp_.spell(id, index_of(scope), Holding::Owned);
  }

  // A glue that is too old lacks names that the text below uses; one that is too new may have
  // dropped or changed some. Without the assertions, a compiler would report either as errors in
  // the middle of templates.
  void print_include() {
    line("#pragma once\n");
    line("#include <tenon/host_glue.h>\n");
    line("static_assert(tenon::host_glue::version >= {},", kGlueVersion);
    line(
        "              \"{}_host.h needs version {} of <tenon/host_glue.h>, and the one that was "
        "\"",
        model_.snake, kGlueVersion);
    line("              \"included is older: use the headers of the tenon that generated it\");");
    line("static_assert(tenon::host_glue::oldest_version <= {},", kGlueVersion);
    line(
        "              \"{}_host.h was generated for version {} of <tenon/host_glue.h>, and the "
        "one \"",
        model_.snake, kGlueVersion);
    line("              \"that was included is newer: run `tenon bindgen host-cpp` again\");");
  }

  void print_interface(const HostInterface& interface) {
    if (!interface.label.empty())
      line("\n// {}", sanitize_text(interface.label));
    else
      line("\n// Functions and types of the world itself.");
    line("namespace {}_host::{} {{", model_.snake, interface.scope);
    for (const HostResource& resource : interface.resources) line("class {};", resource.name);
    for (const HostType& type : interface.types) print_type(interface, type);
    for (const HostResource& resource : interface.resources) print_resource(interface, resource);
    if (!interface.functions.empty()) {
      line("\n// The functions that the instance implements.");
      print_class(interface, "exports", interface.functions, 0);
    }
    line("}}  // namespace {}_host::{}", model_.snake, interface.scope);
  }

  void print_type(const HostInterface& scope, const HostType& type) {
    if (const auto* const resource = std::get_if<types::ResourceId>(&type.type)) {
      if (!type.is_own)
        line("using {} = {};", type.name, cpp_.spell_resource(*resource, index_of(scope)));
      return;
    }
    const TypeId id = std::get<TypeId>(type.type);
    const auto& kind = model_.types.types[id].kind;
    if (!type.is_own)
      line("using {} = {};", type.name, owned(scope, id));
    else if (const auto* const record = std::get_if<types::Record>(&kind))
      print_record(scope, type.name, *record);
    else if (const auto* const variant = std::get_if<types::Variant>(&kind))
      print_variant(scope, type.name, *variant);
    else if (const auto* const labels = std::get_if<types::Enum>(&kind))
      print_enum(type.name, *labels);
    else if (const auto* const flags = std::get_if<types::Flags>(&kind))
      print_flags(type.name, *flags);
    else
      line("using {} = {};", type.name, cpp_.spell_structure(id, index_of(scope), Holding::Owned));
  }

  void print_record(const HostInterface& scope, const std::string& name,
                    const types::Record& record) {
    const auto names = field_names(name, record.fields, &types::Field::label);
    line("struct {} {{", name);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const TypeId type = record.fields[i].type;
      line("  {} {} = {};", owned(scope, type), names[i], cpp_.spell_initializer(type));
    }
    line("  bool operator==(const {}&) const = default;", name);
    line("}};");
  }

  // The names of a struct's members. They differ from the struct's name, which C++ forbids, and
  // from `which`, the member that holds the cases of a variant.
  template <class Part, class Label>
  static std::vector<std::string> field_names(const std::string& name,
                                              const std::vector<Part>& parts, Label label) {
    // Each case is a struct with the member `value`.
    std::set<std::string> taken = {name, "which"};
    if constexpr (std::is_same_v<Part, types::Case>) taken.insert("value");
    Names names(std::move(taken));
    std::vector<std::string> members;
    for (const Part& part : parts)
      members.push_back(names.take(snake_name(std::invoke(label, part))));
    return members;
  }

  void print_variant(const HostInterface& scope, const std::string& name,
                     const types::Variant& variant) {
    const auto names = field_names(name, variant.cases, &types::Case::label);
    line("struct {} {{", name);
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::optional<TypeId>& payload = variant.cases[i].type;
      line("  struct {} {{", names[i]);
      // No initializer: C++ reads those of a nested struct at the end of the outer one, and the
      // std::variant below needs them earlier.
      if (payload) line("    {} value;", owned(scope, *payload));
      line("    bool operator==(const {}&) const = default;", names[i]);
      line("  }};");
      list += (list.empty() ? "" : ", ") + names[i];
    }
    line("  {}() = default;", name);
    for (const std::string& each : names)
      line("  {}({} init_) : which(std::move(init_)) {{}}", name, each);
    line("  bool operator==(const {}&) const = default;", name);
    line("  std::variant<{}> which;", list);
    line("}};");
  }

  void print_enum(const std::string& name, const types::Enum& labels) {
    line("enum class {} : std::uint32_t {{", name);
    for (const std::string& label : labels.labels) line("  {},", snake_name(label));
    line("}};");
  }

  void print_flags(const std::string& name, const types::Flags& flags) {
    line("struct {} {{", name);
    for (const std::string& label : field_names(name, flags.labels, std::identity()))
      line("  bool {} = false;", label);
    line("  bool operator==(const {}&) const = default;", name);
    line("}};");
  }

  void print_resource(const HostInterface& scope, const HostResource& resource) {
    line("");
    print_class(scope, resource.name, resource.methods, 1);
  }

  // first: the index of the first parameter to print; 1 for methods, whose object is `this`.
  void print_class(const HostInterface& scope, const std::string& name,
                   const std::vector<HostFunction>& functions, std::size_t first) {
    line("class {} {{", name);
    line(" public:");
    line("  {}() = default;", name);
    line("  {}(const {}&) = delete;", name, name);
    line("  {}& operator=(const {}&) = delete;", name, name);
    line("  virtual ~{}() = default;", name);
    for (const HostFunction& function : functions) print_member(scope, function, first);
    line("}};");
  }

  void print_member(const HostInterface& scope, const HostFunction& function, std::size_t first) {
    const types::Function& type = model_.types.functions[function.function];
    std::vector<std::string> params;
    Names names;
    std::size_t width = 0;
    for (std::size_t i = first; i < type.params.size(); ++i) {
      params.push_back(fmt::format("{} {}", cpp_.spell_param(type.params[i].type, index_of(scope)),
                                   names.take(snake_name(type.params[i].label))));
      width += params.back().size() + 2;
    }
    if (type.is_async) {
      params.push_back(
          fmt::format("{} {}", cpp_.spell_completion(type, index_of(scope)), names.take("done")));
      width += params.back().size() + 2;
    }
    const std::string result = type.is_async ? "void" : cpp_.spell_result(type, index_of(scope));
    const bool breaks = result.size() + function.name.size() + 12 > kLineWidth;
    const std::string head =
        fmt::format("  virtual {}{}{}(", result, breaks ? "\n  " : " ", function.name);
    line("\n  // {}", function.wit);
    const bool fits = !breaks && head.size() + width + 6 <= kLineWidth;
    line("{}{}) = 0;", head + (fits || params.empty() ? "" : "\n      "),
         fmt::join(params, fits ? ", " : ",\n      "));
  }

  void print_instance() {
    std::string bases;
    for (const HostInterface& each : model_.interfaces)
      if (!each.functions.empty())
        bases += fmt::format("{} public {}::exports", bases.empty() ? " :" : ",", each.scope);
    line("\nnamespace {}_host {{", model_.snake);
    line("// The base class of a bundle's instances. The derived class also has");
    line("// `static create(const tenon::host_config&)`, and can replace `function_flags`.");
    line("class instance{}{} {{", bases.size() > 80 ? "\n   " : "", bases);
    line(" public:");
    line("  instance() = default;");
    line("  instance(const instance&) = delete;");
    line("  instance& operator=(const instance&) = delete;");
    line("  {}~instance(){} = default;", bases.empty() ? "virtual " : "",
         bases.empty() ? "" : " override");
    line("  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example");
    line("  // \"tenon:sqlite/sql#[method]connection.query\".");
    line(
        "  static constexpr std::uint32_t function_flags(std::string_view /*function*/) {{ return "
        "0; }}");
    line("}};");
    line("}}  // namespace {}_host", model_.snake);
  }

  void print_codecs() {
    line("\nnamespace tenon::host_glue {{");
    for (const HostInterface& interface : model_.interfaces)
      for (const HostType& type : interface.types) {
        const auto* const id = std::get_if<TypeId>(&type.type);
        if (id == nullptr || !type.is_own) continue;
        const auto& kind = model_.types.types[*id].kind;
        if (const auto* const record = std::get_if<types::Record>(&kind))
          print_codec("record_fields", full_name(interface, type.name),
                      field_names(type.name, record->fields, &types::Field::label));
        if (const auto* const flags = std::get_if<types::Flags>(&kind))
          print_codec("flag_labels", full_name(interface, type.name),
                      field_names(type.name, flags->labels, std::identity()));
      }
    line("}}  // namespace tenon::host_glue");
  }

  // full: the name of the type.
  void print_codec(std::string_view trait, const std::string& full,
                   const std::vector<std::string>& members) {
    line("template <>");
    line("struct {}<::{}> {{", trait, full);
    line("  static constexpr auto get() {{");
    line("    using type = ::{};", full);
    std::string list;
    for (const std::string& member : members)
      list += fmt::format("{}&type::{}", list.empty() ? "" : ", ", member);
    line("    return std::make_tuple({});", list);
    line("  }}");
    line("}};");
  }

  void print_tables() {
    std::string functions;
    std::string resources;
    std::size_t function_count = 0;
    std::size_t resource_count = 0;
    for (const HostInterface& interface : model_.interfaces) {
      for (const HostFunction& function : interface.functions) {
        functions += print_row("function", interface, function, "exports");
        ++function_count;
      }
      for (const HostResource& resource : interface.resources) {
        for (const HostFunction& method : resource.methods) {
          functions += print_row("method", interface, method, resource.name);
          ++function_count;
        }
        resources += fmt::format(
            "      {{\"{}\", \"{}\",\n       &tenon::host_glue::drop_resource<instance, "
            "{}::{}>}},\n",
            interface.table_name, resource.label, interface.scope, resource.name);
        ++resource_count;
      }
    }
    line("\nnamespace {}_host {{", model_.snake);
    line("// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.");
    line("constexpr instance* module_base(instance* derived) {{ return derived; }}");
    line("// Each row has a hash of the function's type, which the host compares with the WIT.");
    line("template <class Type>");
    line("constexpr std::array<tenon_func_def, {}> module_functions(const instance*) {{",
         function_count);
    line("  return {{{}}};", wrap_rows(functions));
    line("}}");
    line("constexpr std::array<tenon_resource_def, {}> module_resources(const instance*) {{",
         resource_count);
    line("  return {{{}}};", wrap_rows(resources));
    line("}}");
    line("}}  // namespace {}_host", model_.snake);
  }

  static std::string wrap_rows(const std::string& rows) {
    return rows.empty() ? std::string() : fmt::format("{{\n{}  }}", rows);
  }

  // kind: "function" or "method"
  std::string print_row(std::string_view kind, const HostInterface& interface,
                        const HostFunction& function, const std::string& target) {
    const bool is_async = model_.types.functions[function.function].is_async;
    const std::string glue = fmt::format("call_{}{}", is_async ? "async_" : "", kind);
    const std::string path = interface.table_name.empty()
                                 ? function.table_name
                                 : fmt::format("{}#{}", interface.table_name, function.table_name);
    return fmt::format(
        "      {{\"{}\", \"{}\",\n       &tenon::host_glue::{}<instance, &{}::{}::{}>,\n"
        "       0x{:016x}U, Type::function_flags(\"{}\")}},\n",
        interface.table_name, function.table_name, glue, interface.scope, target, function.name,
        function.signature, path);
  }

  const HostModel& model_;
  CppTypes cpp_;
  std::string text_;
};

std::string to_upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string print_prototypes(const CNames& names) {
  std::string text;
  const HostInterface* last = nullptr;
  for (const CFunction& function : names.functions) {
    if (function.interface != last)
      text += fmt::format("\n/* {} */\n", function.interface->label.empty()
                                              ? "The world itself"
                                              : sanitize_text(function.interface->label));
    last = function.interface;
    text += fmt::format(
        "\n/* {} */\nstatic int32_t {}(void *self, tenon_call *call, const tenon_value *args,\n"
        "    size_t nargs, tenon_value *result);\n",
        function.function->wit, function.name);
  }
  if (!names.resources.empty()) text += "\n/* Called when a guest drops an owned handle. */\n";
  for (const CResource& resource : names.resources)
    text += fmt::format("static void {}(void *self, void *rep);\n", resource.drop);
  return text;
}

// The tables of functions and resources. C has no empty arrays, so an empty table is left out, and
// print_module writes NULL for it.
std::string print_tables(const HostModel& model, const CNames& names) {
  std::string text;
  if (!names.functions.empty()) {
    text += fmt::format(
        "\n/* Each row has a hash of the function's type, which the host compares with the WIT. "
        "*/\nstatic const tenon_func_def "
        "{}_functions[] = {{\n",
        model.snake);
    for (const CFunction& function : names.functions)
      text += fmt::format("    {{\"{}\", \"{}\", {},\n     UINT64_C(0x{:016x}), {}_HOST_FLAGS}},\n",
                          function.interface->table_name, function.function->table_name,
                          function.name, function.function->signature, to_upper(model.snake));
    text += "};\n";
  }
  if (!names.resources.empty()) {
    text += fmt::format("static const tenon_resource_def {}_resources[] = {{\n", model.snake);
    for (const CResource& resource : names.resources)
      text += fmt::format("    {{\"{}\", \"{}\", {}}},\n", resource.interface->table_name,
                          resource.resource->label, resource.drop);
    text += "};\n";
  }
  return text;
}

std::string print_module(const HostModel& model, const CNames& names) {
  const auto table = [&](std::string_view kind, std::size_t count) {
    return count == 0 ? std::string("NULL, 0") : fmt::format("{}_{}, {}", model.snake, kind, count);
  };
  return fmt::format(R"(
/* Defines the table of the library: use it once, after the functions. create, destroy: as in
 * tenon_host_module; threading: TENON_SERIAL_LIBRARY, TENON_SERIAL_INSTANCE or TENON_CONCURRENT. */
#define {0}_HOST_MODULE(version, create, destroy, threading) \
  TENON_HOST_ENTRY({1}) {{ \
    static const tenon_host_module module = {{ \
        sizeof module, TENON_HOST_ABI_MAJOR, TENON_HOST_ABI_MINOR, threading, "{2}", version, \
        create, destroy, {3}, \
        {4}}}; \
    return &module; \
  }}
)",
                     to_upper(model.snake), model.snake, model.name,
                     table("functions", names.functions.size()),
                     table("resources", names.resources.size()));
}

}  // namespace

Result<std::string> print_host_cpp(const HostModel& model) {
  return CppHeaderPrinter(model).print();
}

CNames name_c_functions(const HostModel& model) {
  CNames c_names;
  // Names that the source file of a new bundle uses beside these.
  Names names(
      {"create", "destroy", "not_written", model.snake + "_functions", model.snake + "_resources"});
  for (const HostInterface& interface : model.interfaces) {
    const std::string scope = interface.scope + "_";
    // The C++ name already begins with the interface where two interfaces share it.
    const auto own = [&](const HostFunction& function) {
      return function.name.starts_with(scope) ? function.name : scope + function.name;
    };
    for (const HostFunction& function : interface.functions)
      c_names.functions.push_back({&interface, &function, names.take(own(function))});
    for (const HostResource& resource : interface.resources) {
      const std::string prefix = fmt::format("{}{}_", scope, snake_words(resource.label));
      for (const HostFunction& method : resource.methods)
        c_names.functions.push_back({&interface, &method, names.take(prefix + method.name)});
      c_names.resources.push_back({&interface, &resource, names.take(prefix + "drop")});
    }
  }
  return c_names;
}

std::string print_host_c(const HostModel& model) {
  const CNames names = name_c_functions(model);
  const std::string upper = to_upper(model.snake);
  std::string text = fmt::format(
      "/* Made by `tenon bindgen host-c` from the WIT of {}. Do not edit.\n"
      "{}"
      " *\n"
      " * Include it in one file that defines the functions and ends with {}_HOST_MODULE. */\n"
      "#ifndef {}_HOST_H\n#define {}_HOST_H\n\n#include <tenon/tenon_host.h>\n",
      model.world.empty() ? model.name : sanitize_text(model.world), print_left_out(model, " *"),
      upper, upper, upper);
  text += print_prototypes(names);
  text += fmt::format(
      "\n/* The flags of all functions: define it as TENON_MAY_BLOCK or TENON_PURE before "
      "including. */\n"
      "#ifndef {0}_HOST_FLAGS\n#define {0}_HOST_FLAGS 0\n#endif\n",
      upper);
  text += print_tables(model, names);
  text += print_module(model, names);
  text += "\n#endif\n";
  return text;
}

Result<GeneratedCode> generate_host_cpp(const BindgenOptions& options) {
  TENON_TRY(HostModel model, read_host_model(RealFiles(), options));
  TENON_TRY(std::string text, print_host_cpp(model));
  return GeneratedCode{.files = {{model.snake + "_host.h", std::move(text)}},
                       .notes = std::move(model.notes)};
}

Result<GeneratedCode> generate_host_c(const BindgenOptions& options) {
  TENON_TRY(HostModel model, read_host_model(RealFiles(), options));
  std::string text = print_host_c(model);
  return GeneratedCode{.files = {{model.snake + "_host.h", std::move(text)}},
                       .notes = std::move(model.notes)};
}

}  // namespace tenon::bindgen

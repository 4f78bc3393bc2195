#include "bindgen/host_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "bindgen/bindgen.h"
#include "bindgen/cpp_declarations.h"
#include "bindgen/cpp_types.h"
#include "support/files.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::bindgen {

namespace {

// The version of tenon/host_glue.h that printed headers ask for. When the printed text begins to
// use a name that a newer glue added, this becomes `version` of that glue.
constexpr int kGlueVersion = 2;

// Prints the C++ header, part by part in the order of the file: the include of the glue; for each
// interface a namespace with its types, resource classes and the class `exports`; the class
// `instance`, which derives from all `exports`; the fields of records and flags, for the codecs of
// the glue; the tables that TENON_HOST_MODULE finds.
class CppHeaderPrinter final {
 public:
  explicit CppHeaderPrinter(const HostModel& model)
      : model_(model), cpp_(model), declarations_(model, cpp_, text_) {}

  Result<std::string> print() && {
    line("// Made by `tenon bindgen host-cpp` from the WIT of {}. Do not edit.",
         model_.world.empty() ? model_.name : sanitize_text(model_.world));
    print_include();
    for (const HostInterface& interface : model_.interfaces) print_interface(interface);
    print_instance();
    print_codecs();
    print_tables();
    if (!cpp_.has_failed()) return std::move(text_).take();
    return refuse_types(model_, "C++");
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.line(format, std::forward<Args>(args)...);
  }

  // "sqlite_host::sql::error"
  [[nodiscard]] std::string full_name(const HostInterface& interface, std::string_view name) const {
    return fmt::format("{}::{}::{}", model_.root, interface.scope, name);
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
    for (const HostType& type : interface.types) declarations_.print(interface, type);
    for (const HostResource& resource : interface.resources) print_resource(interface, resource);
    if (!interface.functions.empty()) {
      line("\n// The functions that the instance implements.");
      print_class(interface, "exports", interface.functions, 0);
    }
    line("}}  // namespace {}_host::{}", model_.snake, interface.scope);
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
    for (std::size_t i = first; i < type.params.size(); ++i)
      params.push_back(fmt::format("{} {}",
                                   cpp_.spell_param(type.params[i].type, model_.index_of(scope)),
                                   names.take(snake_name(type.params[i].label))));
    if (type.is_async)
      params.push_back(fmt::format("{} {}", cpp_.spell_completion(type, model_.index_of(scope)),
                                   names.take("done")));
    const std::string result =
        type.is_async ? "void" : cpp_.spell_result(type, model_.index_of(scope));
    const bool breaks = result.size() + function.name.size() + 12 > kLineWidth;
    line("\n  // {}", function.wit);
    print_member_function(
        text_, fmt::format("  virtual {}{}{}", result, breaks ? "\n  " : " ", function.name),
        params, " = 0;");
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
        const auto* const id = std::get_if<types::TypeId>(&type.type);
        if (id == nullptr || !type.is_own) continue;
        const auto& kind = model_.types.types[*id].kind;
        const bool is_record = std::holds_alternative<types::Record>(kind);
        if (is_record || std::holds_alternative<types::Flags>(kind))
          print_codec(is_record ? "record_fields" : "flag_labels", full_name(interface, type.name),
                      declarations_.member_names(type));
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
    const std::string path = tenon::shown_name(interface.table_name, function.table_name);
    return fmt::format(
        "      {{\"{}\", \"{}\",\n       &tenon::host_glue::{}<instance, &{}::{}::{}>,\n"
        "       0x{:016x}U, Type::function_flags(\"{}\")}},\n",
        interface.table_name, function.table_name, glue, interface.scope, target, function.name,
        function.signature, path);
  }

  const HostModel& model_;
  CppTypes cpp_;
  CodeText text_;
  CppDeclarations declarations_;
};

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
                          function.name, function.function->signature, macro_name(model.snake));
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
                     macro_name(model.snake), model.snake, model.name,
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
  const std::string upper = macro_name(model.snake);
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

#include "bindgen/program_code.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bindgen/cpp_declarations.h"
#include "bindgen/cpp_types.h"
#include "support/files.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::bindgen {

namespace {

// Members that one TENON_ macro of tenon/record.h can list.
constexpr std::size_t kMaxListed = 340;

// A function of the model with the texts that its declaration, its definition and its look-up are made of.
struct Printed {
  std::string result;                  // "std::optional<entry>"; "void"
  std::vector<std::string> params;     // "std::string_view key"
  std::vector<std::string> arguments;  // "key", "std::move(key)"
  std::vector<std::string> signature;  // "std::string_view"
};

// Finds the resources in items of streams and futures that functions of the world have.
class StreamedResources {
 public:
  explicit StreamedResources(const HostModel& model) : model_(model) {
    const auto add_all = [&](const std::vector<HostFunction>& functions) {
      for (const HostFunction& function : functions)
        types::for_each_part(model.types.functions[function.function],
                             [&](types::TypeId part) { add(part, Place::Value); });
    };
    for (const HostInterface& interface : model.interfaces) {
      add_all(interface.functions);
      for (const HostResource& resource : interface.resources) add_all(resource.methods);
    }
  }

  [[nodiscard]] bool contains(types::ResourceId id) const { return found_.contains(id); }

 private:
  enum class Place : std::uint8_t { Value, Item };

  void add(types::TypeId id, Place place) {
    if (!seen_.insert({id, place}).second) return;
    const types::Type& type = model_.types.types[id];
    if (std::holds_alternative<types::Stream>(type.kind) ||
        std::holds_alternative<types::Future>(type.kind))
      place = Place::Item;
    types::for_each_part(
        type, [&](types::TypeId part) { add(part, place); },
        [&](types::ResourceId resource) {
          if (place == Place::Item) found_.insert(resource);
        });
  }

  const HostModel& model_;
  std::set<std::pair<types::TypeId, Place>> seen_;
  std::set<types::ResourceId> found_;
};

// Base of the printers of both files.
class ProgramPrinter {
 protected:
  ProgramPrinter(const HostModel& model, Callers callers)
      : model_(model), cpp_(model), streamed_(model), callers_(callers) {}

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.line(format, std::forward<Args>(args)...);
  }

  [[nodiscard]] bool is_async(const HostFunction& function) const {
    return model_.types.functions[function.function].is_async;
  }
  [[nodiscard]] const std::vector<types::Field>& params_of(const HostFunction& function) const {
    return model_.types.functions[function.function].params;
  }

  // A function that the program calls. scope: where the texts are used.
  Printed print_call(const HostFunction& function, std::size_t scope) {
    Printed printed;
    printed.result = cpp_.spell_result(model_.types.functions[function.function], scope);
    Names names;
    for (std::size_t i = 0; i < params_of(function).size(); ++i) {
      const types::Field& param = params_of(function)[i];
      CppParam spelled = cpp_.spell_argument(param.type, scope);
      printed.signature.push_back(std::move(spelled.signature));
      if (i == 0 && function.kind == HostFunctionKind::Method)
        printed.arguments.emplace_back("*this");
      else
        add_param(printed, names.take(snake_name(param.label)), spelled);
    }
    return printed;
  }

  // A function that units call. scope: as above.
  Printed print_provided(const HostFunction& function, std::size_t scope) {
    Printed printed;
    printed.result = cpp_.spell_result(model_.types.functions[function.function], scope);
    if (is_async(function)) printed.result = fmt::format("tenon::Task<{}>", printed.result);
    Names names({"add", "builder", "caller", "consumers", "self", "to"});
    if (callers_ == Callers::Passed) add_param(printed, "caller", {"const tenon::Caller&", ""});
    for (std::size_t i = 0; i < params_of(function).size(); ++i) {
      const types::Field& param = params_of(function)[i];
      const CppParam spelled = cpp_.spell_received(param.type, scope);
      const bool is_self = i == 0 && function.kind == HostFunctionKind::Method;
      if (!is_self) add_param(printed, names.take(snake_name(param.label)), spelled);
    }
    return printed;
  }

  static void add_param(Printed& printed, const std::string& name, const CppParam& spelled) {
    printed.params.push_back(fmt::format("{} {}", spelled.type, name));
    printed.arguments.push_back(
        spelled.pass == CppParam::Pass::Moved ? fmt::format("std::move({})", name) : name);
  }

  // The return type of a method that calls a unit.
  [[nodiscard]] std::string outcome_of(const HostFunction& function, const Printed& printed) const {
    const std::string result = fmt::format("tenon::CallResult<{}>", printed.result);
    return is_async(function) ? fmt::format("tenon::Task<{}>", result) : result;
  }

  void open(const HostInterface& interface) {
    line("\n// {}",
         interface.label.empty() ? "Items of the world itself." : sanitize_text(interface.label));
    line("namespace {}::{} {{", model_.root, interface.scope);
  }
  void close(const HostInterface& interface) {
    line("}}  // namespace {}::{}", model_.root, interface.scope);
  }

  // The last part of the interface's namespace.
  static std::string_view short_scope(const HostInterface& interface) {
    const std::size_t colon = interface.scope.rfind(':');
    return std::string_view(interface.scope).substr(colon == std::string::npos ? 0 : colon + 1);
  }
  [[nodiscard]] bool has_exports() const {
    return std::ranges::any_of(model_.interfaces, is_called);
  }
  // Whether the program calls functions of it.
  static bool is_called(const HostInterface& interface) {
    return interface.is_export && (!interface.functions.empty() || !interface.resources.empty());
  }
  // Whether the program has to provide something for it.
  static bool is_provided(const HostInterface& interface) {
    return !interface.is_export && (!interface.functions.empty() || !interface.resources.empty());
  }

  const HostModel& model_;
  CppTypes cpp_;
  StreamedResources streamed_;
  Callers callers_;
  CodeText text_;
};

class HeaderPrinter final : ProgramPrinter {
 public:
  HeaderPrinter(const HostModel& model, Callers callers)
      : ProgramPrinter(model, callers), declarations_(model, cpp_, text_) {}

  Result<std::string> print() && {
    for (const HostInterface& interface : model_.interfaces) print_interface(interface);
    if (has_exports()) print_instance();
    if (!cpp_.has_failed()) {
      const std::string body = std::exchange(text_, CodeText()).take();
      print_head(body);
      return std::move(text_).take() + body;
    }
    return refuse_types(model_, "C++");
  }

 private:
  // The lines before `body`, with an include for each name in it.
  void print_head(std::string_view body) {
    line("// Made by `tenon bindgen cpp` from the WIT of {}. Do not edit.",
         sanitize_text(model_.world.empty() ? model_.name : model_.world));
    if (!model_.left_out.empty()) line("{}", print_left_out(model_, "//"));
    line("#pragma once\n");
    struct Header {
      std::string_view path;
      std::string_view name;  // that it declares
    };
    for (const auto& [path, name] : {Header{"tenon/host.h", "tenon::HostBorrow<"},
                                     Header{"tenon/host.h", "tenon::Caller&"},
                                     Header{"tenon/record.h", "TENON_"},
                                     Header{"tenon/record.h", "tenon::Resource"},
                                     Header{"tenon/record.h", "tenon::Expected<"},
                                     Header{"tenon/result.h", "tenon::CallResult<"},
                                     Header{"tenon/stream.h", "tenon::Stream<"},
                                     Header{"tenon/stream.h", "tenon::Future<"},
                                     Header{"tenon/task.h", "tenon::Task<"},
                                     Header{"array", "std::array<"},
                                     Header{"cstdint", "std::u"},
                                     Header{"cstdint", "std::int"},
                                     Header{"memory", "_ptr<"},
                                     Header{"optional", "std::optional<"},
                                     Header{"span", "std::span<"},
                                     Header{"string", "std::string"},
                                     Header{"string_view", "std::string_view"},
                                     Header{"tuple", "std::tuple<"},
                                     Header{"utility", "std::move("},
                                     Header{"utility", "std::pair<"},
                                     Header{"variant", "std::variant<"},
                                     Header{"vector", "std::vector<"}}) {
      if (body.find(name) == std::string_view::npos || path == last_header_) continue;
      line("#include <{}>", path);
      last_header_ = path;
    }
    line("\nnamespace tenon {{");
    line("class Composition;");
    line("class CompositionBuilder;");
    line("class Unit;");
    line("}}  // namespace tenon");
    if (!has_exports()) return;
    line("namespace tenon::detail {{");
    line("struct ResourceFunctions;");
    line("}}");
    line("namespace {}::detail {{", model_.root);
    line("struct functions;");
    line("}}");
  }

  void print_interface(const HostInterface& interface) {
    open(interface);
    for (const HostResource& resource : interface.resources) line("class {};", resource.name);
    for (const HostType& type : interface.types) declarations_.print_forward(type);
    for (const HostType& type : interface.types)
      if (declarations_.is_alias(type)) declarations_.print(interface, type);
    // In the order of the WIT, because a struct can hold a resource of a unit.
    for (const HostType& type : interface.types) {
      if (declarations_.is_alias(type)) continue;
      declarations_.print(interface, type);
      print_labels(type);
      if (const auto* const id = std::get_if<types::ResourceId>(&type.type))
        print_resource(interface, *id);
    }
    if (is_called(interface)) print_functions(interface);
    if (is_provided(interface)) print_host(interface);
    close(interface);
  }

  void print_resource(const HostInterface& interface, types::ResourceId id) {
    const auto resource = std::ranges::find(interface.resources, id, &HostResource::resource);
    if (interface.is_export)
      print_handle(interface, *resource);
    else
      print_class(interface, resource->name, resource->methods,
                  "A resource of the program. Units hold handles of its objects.");
  }

  // Lets calls take and return the type.
  void print_labels(const HostType& type) {
    const auto* const id = std::get_if<types::TypeId>(&type.type);
    if (id == nullptr || !type.is_own) return;
    const auto& kind = model_.types.types[*id].kind;
    const std::vector<std::string> names = declarations_.member_names(type);
    if (names.empty()) return;
    if (std::holds_alternative<types::Variant>(kind))
      print_list("VARIANT", "variant", type.name, names, "\"{1}\"");
    else if (std::holds_alternative<types::Enum>(kind))
      print_list("ENUM", "enum", type.name, names,
                 "::tenon::detail::Enumerator<{0}>{{\"{1}\", {0}::{1}}}");
    else if (std::holds_alternative<types::Flags>(kind))
      print_list("FLAGS", "flags", type.name, names,
                 "::tenon::detail::Flag<{0}>{{\"{1}\", &{0}::{1}}}");
    else
      print_list("RECORD", "record", type.name, names,
                 "::tenon::detail::RecordField<{0}, decltype({0}::{1})>{{\"{1}\", &{0}::{1}}}");
  }
  // long_form: one of the names, for lists that are too long for the macro.
  void print_list(std::string_view macro, std::string_view kind, const std::string& type,
                  const std::vector<std::string>& names, std::string_view long_form) {
    if (names.size() <= kMaxListed)
      return line("TENON_{}({}, {})", macro, type, fmt::join(names, ", "));
    const bool takes_type = kind == "enum" || kind == "flags";
    line("constexpr auto tenon_{}(std::type_identity<{}>) {{", kind, type);
    line("  return ::tenon::detail::make_{}_info{}(\"{}\"", kind,
         takes_type ? fmt::format("<{}>", type) : "", type);
    for (const std::string& name : names)
      line("      , {}", fmt::format(fmt::runtime(long_form), type, name));
    line("  );");
    line("}}");
  }

  void print_handle(const HostInterface& scope, const HostResource& resource) {
    line("\n// A resource of a unit. Destroying it drops the resource.");
    line("class {} final : public tenon::Resource {{", resource.name);
    line(" public:");
    line("  static constexpr std::string_view resource_name = \"{}\";", resource.label);
    line("  {}() = default;", resource.name);
    line(
        "  // functions: those of the unit; null for an item of a stream, whose methods then "
        "fail.");
    line(
        "  {}(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> "
        "functions);",
        resource.name);
    for (const HostFunction& method : resource.methods) print_called(scope, method);
    line("\n private:");
    line("  std::shared_ptr<const detail::functions> functions_;");
    line("}};");
  }

  void print_called(const HostInterface& scope, const HostFunction& function) {
    const Printed printed = print_call(function, model_.index_of(scope));
    line("");
    text_.comment("  ", function.docs, function.wit);
    print_member_function(
        text_, fmt::format("  [[nodiscard]] {} {}", outcome_of(function, printed), function.name),
        printed.params, " const;");
  }

  void print_functions(const HostInterface& interface) {
    line("\n// The functions of a unit. Copies refer to the same ones.");
    line("class functions final {{");
    line(" public:");
    line(
        "  explicit functions(std::shared_ptr<const detail::functions> all) : "
        "all_(std::move(all)) {{}}");
    for (const HostFunction& function : interface.functions) print_called(interface, function);
    for (const HostResource& resource : interface.resources) {
      if (!streamed_.contains(resource.resource)) continue;
      line("\n  // Gives a resource that was read from a stream its functions.");
      line("  [[nodiscard]] {0} adopt({0} resource) const;", resource.name);
    }
    line("\n private:");
    line("  std::shared_ptr<const detail::functions> all_;");
    line("}};");
  }

  // A class that the program implements. comment: the line before it
  void print_class(const HostInterface& scope, const std::string& name,
                   const std::vector<HostFunction>& functions, std::string_view comment) {
    line("\n// {}", comment);
    line("class {} {{", name);
    line(" public:");
    line("  {}() = default;", name);
    line("  {}(const {}&) = delete;", name, name);
    line("  {}& operator=(const {}&) = delete;", name, name);
    line("  virtual ~{}() = default;", name);
    for (const HostFunction& function : functions) {
      const Printed printed = print_provided(function, model_.index_of(scope));
      line("");
      text_.comment("  ", function.docs, function.wit);
      print_member_function(text_, fmt::format("  virtual {} {}", printed.result, function.name),
                            printed.params, " = 0;");
    }
    line("}};");
  }

  void print_host(const HostInterface& interface) {
    print_class(
        interface, "host", interface.functions,
        "The functions that the program provides. An exception is a trap in the unit that called.");
    line("// consumers: the units that get these functions; empty: all.");
    line("void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,");
    line("             const std::vector<std::string>& consumers = {{}});");
  }

  // All exports together.
  void print_instance() {
    line("\nnamespace {} {{", model_.root);
    line("// The exports of a composition or of one unit.");
    line("class instance final {{");
    line(" public:");
    line(
        "  // Looks up all functions. Errors: run-no-function, type-signature: of all functions "
        "together.");
    line("  static tenon::Result<instance> find(const tenon::Composition& from);");
    line("  static tenon::Result<instance> find(const tenon::Unit& from);\n");
    for (const HostInterface& interface : model_.interfaces)
      if (is_called(interface))
        line("  {}::functions {};", interface.scope, short_scope(interface));
    line("\n private:");
    line("  explicit instance(const std::shared_ptr<const detail::functions>& all_);");
    line("}};");
    line("}}  // namespace {}", model_.root);
  }

  CppDeclarations declarations_;
  std::string_view last_header_;
};

class SourcePrinter final : ProgramPrinter {
 public:
  SourcePrinter(const HostModel& model, Callers callers) : ProgramPrinter(model, callers) {}

  std::string print() && {
    line("// Made by `tenon bindgen cpp`. Do not edit.");
    line("#include \"{}.h\"\n", model_.snake);
    line("#include <tenon/builder.h>");
    line("#include <tenon/composition.h>");
    line("#include <tenon/function.h>");
    line("#include <tenon/host.h>\n");
    line("// A parameter can have the name of a type.");
    line("#pragma GCC diagnostic ignored \"-Wshadow\"");
    if (has_exports()) print_table();
    for (const HostInterface& interface : model_.interfaces) {
      if (interface.is_export)
        print_calls(interface);
      else if (is_provided(interface))
        print_provide(interface);
    }
    if (has_exports()) print_instance();
    return std::move(text_).take();
  }

 private:
  // The member of the table that has a function: "store_bucket_get".
  std::string member_of(const HostInterface& interface, const HostFunction& function,
                        const HostResource* resource) {
    return fmt::format("{}_{}{}", short_scope(interface),
                       resource == nullptr ? "" : resource->name + "_", function.name);
  }
  template <class Visit>
  void for_each_called(Visit&& visit) {
    for (const HostInterface& interface : model_.interfaces) {
      if (!interface.is_export) continue;
      for (const HostFunction& function : interface.functions)
        visit(interface, function, member_of(interface, function, nullptr));
      for (const HostResource& resource : interface.resources)
        for (const HostFunction& method : resource.methods)
          visit(interface, method, member_of(interface, method, &resource));
    }
  }

  void print_table() {
    line("\nnamespace {}::detail {{\n", model_.root);
    line("struct functions final : tenon::detail::ResourceFunctions {{");
    for_each_called(
        [&](const HostInterface&, const HostFunction& function, const std::string& member) {
          const Printed printed = print_call(function, kElsewhere);
          line("  std::optional<tenon::TypedFunction<{}({})>>\n      {};", printed.result,
               fmt::join(printed.signature, ", "), member);
        });
    line("}};\n");
    line("namespace {{\n");
    line("template <class From>");
    line("tenon::Result<std::shared_ptr<const functions>> find_functions(const From& from) {{");
    line("  auto all = std::make_shared<functions>();");
    line("  tenon::Diagnostics problems;");
    line("  const auto find = [&]<class F>(std::optional<tenon::TypedFunction<F>>& to,");
    line("                                 std::string_view interface, std::string_view name) {{");
    line("    auto found = from.template function<F>(interface, name);");
    line("    if (!found)");
    line(
        "      return void(problems.insert(problems.end(), found.error().begin(), "
        "found.error().end()));");
    line("    (*found).set_functions(all);");
    line("    to.emplace(*std::move(found));");
    line("  }};");
    for_each_called([&](const HostInterface& interface, const HostFunction& function,
                        const std::string& member) {
      line("  find(all->{}, \"{}\", \"{}\");", member, interface.label, function.table_name);
    });
    line("  if (!problems.empty()) return problems;");
    line("  return std::shared_ptr<const functions>(std::move(all));");
    line("}}\n");
    line("// The failure of a method of a resource without functions.");
    line("template <class R>");
    line("tenon::CallResult<R> refuse(const char* method) {{");
    line("  tenon::CallFailure failure;");
    line("  failure.kind = tenon::CallFailure::Kind::BadCall;");
    line("  failure.function = method;");
    line("  failure.message = \"the resource is empty, or its functions are unknown\";");
    line("  return failure;");
    line("}}");
    line("template <class R>");
    line("[[maybe_unused]] tenon::Task<tenon::CallResult<R>> refuse_task(const char* method) {{");
    line("  co_return refuse<R>(method);");
    line("}}\n");
    line("}}  // namespace");
    line("}}  // namespace {}::detail", model_.root);
  }

  void print_calls(const HostInterface& interface) {
    if (interface.functions.empty() && interface.resources.empty()) return;
    open(interface);
    for (const HostFunction& function : interface.functions)
      print_definition(interface, function, "functions", "all_",
                       member_of(interface, function, nullptr));
    for (const HostResource& resource : interface.resources) {
      if (!streamed_.contains(resource.resource)) continue;
      line("\n{0} functions::adopt({0} resource) const {{", resource.name);
      line("  return {}(std::move(resource), all_);", resource.name);
      line("}}");
    }
    for (const HostResource& resource : interface.resources) {
      line(
          "\n{0}::{0}(tenon::Resource resource, std::shared_ptr<const "
          "tenon::detail::ResourceFunctions> functions)",
          resource.name);
      line("    : tenon::Resource(std::move(resource)),");
      line(
          "      functions_(std::static_pointer_cast<const "
          "detail::functions>(std::move(functions))) {{}}");
      for (const HostFunction& method : resource.methods)
        print_definition(interface, method, resource.name, "functions_",
                         member_of(interface, method, &resource));
    }
    close(interface);
  }

  // table: the member of the class with the functions.
  void print_definition(const HostInterface& scope, const HostFunction& function,
                        const std::string& of_class, std::string_view table,
                        const std::string& member) {
    const Printed printed = print_call(function, kElsewhere);
    line("");
    print_member_function(
        text_, fmt::format("{} {}::{}", outcome_of(function, printed), of_class, function.name),
        printed.params, " const {");
    if (function.kind == HostFunctionKind::Method)
      line("  if ({} == nullptr) return detail::{}<{}>(\"{}\");", table,
           is_async(function) ? "refuse_task" : "refuse", printed.result,
           tenon::shown_name(scope.label, function.table_name));
    line("  return (*{}->{}){}({});", table, member, is_async(function) ? ".start" : "",
         fmt::join(printed.arguments, ", "));
    line("}}");
  }

  void print_provide(const HostInterface& interface) {
    open(interface);
    line(
        "void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> "
        "to,");
    line("             const std::vector<std::string>& consumers) {{");
    line("  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,");
    line("                                        std::string_view name, auto function) {{");
    line("    tenon::HostFunction made = tenon::host_function(\"{}\", name, std::move(function));",
         interface.label);
    line("    made.consumers = consumers;");
    line("    if (methods != nullptr)");
    line("      methods->push_back(std::move(made));");
    line("    else");
    line("      builder.add_host_function(std::move(made));");
    line("  }};");
    for (const HostResource& resource : interface.resources) {
      line("  {{");
      line("    tenon::HostResourceParts parts = tenon::HostResource<{}>(\"{}\", \"{}\").parts();",
           resource.name, interface.label, resource.label);
      line("    parts.consumers = consumers;");
      for (const HostFunction& function : interface.functions)
        if (function.kind != HostFunctionKind::Free && is_of(function, resource))
          print_added("    ", "&parts.functions", function, "to");
      for (const HostFunction& method : resource.methods)
        print_added("    ", "&parts.functions", method, "");
      line("    builder.add_host_resource(std::move(parts));");
      line("  }}");
    }
    for (const HostFunction& function : interface.functions)
      if (function.kind == HostFunctionKind::Free) print_added("  ", "nullptr", function, "to");
    line("}}");
    close(interface);
  }

  // Whether a constructor or static function belongs to a resource: "[static]bucket.open".
  static bool is_of(const HostFunction& function, const HostResource& resource) {
    const std::string shown = shown_name(function);
    return shown == resource.label || shown.starts_with(resource.label + ".");
  }

  // object: what has the function; empty for methods, which get it.
  void print_added(std::string_view indent, std::string_view to, const HostFunction& function,
                   std::string_view object) {
    const bool is_method = object.empty();
    Printed printed = print_provided(function, kElsewhere);
    if (is_method) {
      const auto self = cpp_.spell_received(params_of(function).front().type, kElsewhere);
      const std::size_t at = callers_ == Callers::Passed ? 1 : 0;
      printed.params.insert(printed.params.begin() + static_cast<std::ptrdiff_t>(at),
                            self.type + " self");
    }
    line("{}add({}, \"{}\",\n{}    [{}]({}) {{ return {}{}({}); }});", indent, to,
         function.table_name, indent, object, fmt::join(printed.params, ", "),
         is_method ? "self." : fmt::format("{}->", object), function.name,
         fmt::join(printed.arguments, ", "));
  }

  void print_instance() {
    line("\nnamespace {} {{\n", model_.root);
    std::vector<std::string> members;
    for (const HostInterface& interface : model_.interfaces)
      if (is_called(interface)) members.push_back(fmt::format("{}(all_)", short_scope(interface)));
    line(
        "instance::instance(const std::shared_ptr<const detail::functions>& all_)\n    : {} {{}}\n",
        fmt::join(members, ", "));
    for (const std::string_view from : {"Composition", "Unit"}) {
      line("tenon::Result<instance> instance::find(const tenon::{}& from) {{", from);
      line("  auto found = detail::find_functions(from);");
      line("  if (!found) return std::move(found).error();");
      line("  return instance(*std::move(found));");
      line("}}");
    }
    line("\n}}  // namespace {}", model_.root);
  }
};

}  // namespace

Result<std::vector<GeneratedFile>> print_program_cpp(const HostModel& model, Callers callers) {
  TENON_TRY(std::string header, HeaderPrinter(model, callers).print());
  return std::vector<GeneratedFile>{{model.snake + ".h", std::move(header)},
                                    {model.snake + ".cc", SourcePrinter(model, callers).print()}};
}

Result<GeneratedCode> generate_cpp(const BindgenOptions& options, Callers callers) {
  TENON_TRY(HostModel model, read_program_model(RealFiles(), options));
  TENON_TRY(std::vector<GeneratedFile> files, print_program_cpp(model, callers));
  return GeneratedCode{.files = std::move(files), .notes = std::move(model.notes)};
}

}  // namespace tenon::bindgen

#include "bindgen/host_cpp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <iterator>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "bindgen/cpp_names.h"
#include "bindgen/cpp_types.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/embedded_texts.h"
#include "support/terminal_text.h"

namespace tenon::bindgen {

namespace {

using types::TypeId;

class HeaderPrinter final {
 public:
  explicit HeaderPrinter(const HostModel& model) : model_(model), cpp_(model) {}

  Result<std::string> print() && {
    line("// Made by `tenon bindgen host-cpp` from the WIT of {}. Do not edit.",
         model_.world.empty() ? model_.name : sanitize_text(model_.world));
    line("#pragma once\n");
    text_ += embedded_text("src/bindgen/host_types.h");
    add_without(embedded_text("src/bindgen/host_glue.h"), "\n#include \"bindgen/host_types.h\"\n");
    for (interface_ = 0; interface_ < model_.interfaces.size(); ++interface_) print_interface();
    print_instance();
    print_codecs();
    print_tables();
    if (!cpp_.has_failed()) return std::move(text_);
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch,
                        "`{}` has types that C++ cannot have: they are too large, or have no name",
                        sanitize_text(model_.wit));
    problem.where.file = model_.wit;
    problem.hints.emplace_back("give names to types that stand in many places");
    return problem;
  }

 private:
  void add_without(std::string_view text, std::string_view part) {
    const std::size_t at = text.find(part);
    TENON_CHECK(at != std::string_view::npos);
    text_ += "\n";
    text_ += text.substr(0, at);
    text_ += text.substr(at + part.size());
  }
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  [[nodiscard]] const HostInterface& interface() const { return model_.interfaces[interface_]; }
  // "sqlite_host::sql::error"
  [[nodiscard]] std::string full_name(std::string_view name) const {
    return fmt::format("{}_host::{}::{}", model_.snake, interface().scope, name);
  }
  std::string owned(TypeId id) { return cpp_.spell(id, interface_, Holding::Owned); }

  void print_interface() {
    if (!interface().label.empty())
      line("\n// {}", sanitize_text(interface().label));
    else
      line("\n// Of the world itself.");
    line("namespace {}_host::{} {{", model_.snake, interface().scope);
    for (const HostResource& resource : interface().resources) line("class {};", resource.name);
    for (const HostType& type : interface().types) print_type(type);
    for (const HostResource& resource : interface().resources) print_resource(resource);
    if (!interface().functions.empty()) {
      line("\n// What the instance implements of it.");
      print_class("exports", interface().functions, 0);
    }
    line("}}  // namespace {}_host::{}", model_.snake, interface().scope);
  }

  void print_type(const HostType& type) {
    if (const auto* const resource = std::get_if<types::ResourceId>(&type.type)) {
      if (!type.is_own)
        line("using {} = {};", type.name, cpp_.spell_resource(*resource, interface_));
      return;
    }
    const TypeId id = std::get<TypeId>(type.type);
    const auto& kind = model_.types.types[id].kind;
    if (!type.is_own)
      line("using {} = {};", type.name, owned(id));
    else if (const auto* const record = std::get_if<types::Record>(&kind))
      print_record(type.name, *record);
    else if (const auto* const variant = std::get_if<types::Variant>(&kind))
      print_variant(type.name, *variant);
    else if (const auto* const labels = std::get_if<types::Enum>(&kind))
      print_enum(type.name, *labels);
    else if (const auto* const flags = std::get_if<types::Flags>(&kind))
      print_flags(type.name, *flags);
    else
      line("using {} = {};", type.name, cpp_.spell_structure(id, interface_, Holding::Owned));
  }

  void print_record(const std::string& name, const types::Record& record) {
    line("struct {} {{", name);
    for (const std::string& field : field_names(name, record.fields, &types::Field::label)) {
      const TypeId type = record.fields[next_++].type;
      line("  {} {} = {};", owned(type), field, cpp_.spell_initializer(type));
    }
    line("  bool operator==(const {}&) const = default;", name);
    line("}};");
  }

  // Members of a struct: none is called as the struct is, or as the code here calls its own.
  template <class Part, class Label>
  std::vector<std::string> field_names(const std::string& name, const std::vector<Part>& parts,
                                       Label label) {
    // Of cases, which are structs, `value` is a member.
    std::set<std::string> taken = {name, "which"};
    if constexpr (std::is_same_v<Part, types::Case>) taken.insert("value");
    Names names(std::move(taken));
    std::vector<std::string> made;
    for (const Part& part : parts) made.push_back(names.take(snake_name(std::invoke(label, part))));
    next_ = 0;
    return made;
  }

  void print_variant(const std::string& name, const types::Variant& variant) {
    const auto names = field_names(name, variant.cases, &types::Case::label);
    line("struct {} {{", name);
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::optional<TypeId>& payload = variant.cases[i].type;
      line("  struct {} {{", names[i]);
      // No initializer: it would not be complete before the variant around it is.
      if (payload) line("    {} value;", owned(*payload));
      line("    bool operator==(const {}&) const = default;", names[i]);
      line("  }};");
      list += (list.empty() ? "" : ", ") + names[i];
    }
    line("  {}() = default;", name);
    for (const std::string& one : names)
      line("  {}({} made_) : which(std::move(made_)) {{}}", name, one);
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

  void print_resource(const HostResource& resource) {
    line("");
    print_class(resource.name, resource.methods, 1);
  }

  // first: of the parameters that a member function has.
  void print_class(const std::string& name, const std::vector<HostFunction>& functions,
                   std::size_t first) {
    line("class {} {{", name);
    line(" public:");
    line("  {}() = default;", name);
    line("  {}(const {}&) = delete;", name, name);
    line("  {}& operator=(const {}&) = delete;", name, name);
    line("  virtual ~{}() = default;", name);
    for (const HostFunction& function : functions) print_member(function, first);
    line("}};");
  }

  void print_member(const HostFunction& function, std::size_t first) {
    const types::Function& type = model_.types.functions[function.function];
    std::vector<std::string> params;
    Names names;
    std::size_t width = 0;
    for (std::size_t i = first; i < type.params.size(); ++i) {
      params.push_back(fmt::format("{} {}", cpp_.spell_param(type.params[i].type, interface_),
                                   names.take(snake_name(type.params[i].label))));
      width += params.back().size() + 2;
    }
    const std::string result = cpp_.spell_result(type, interface_);
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
    for (const HostInterface& one : model_.interfaces)
      if (!one.functions.empty())
        bases += fmt::format("{} public {}::exports", bases.empty() ? " :" : ",", one.scope);
    line("\nnamespace {}_host {{", model_.snake);
    line(
        "// What a bundle implements. It has a `static create(const tenon::host_config&)`, and "
        "may");
    line("// have a `function_flags` of its own.");
    line("class instance{}{} {{", bases.size() > 80 ? "\n   " : "", bases);
    line(" public:");
    line("  instance() = default;");
    line("  instance(const instance&) = delete;");
    line("  instance& operator=(const instance&) = delete;");
    line("  {}~instance(){} = default;", bases.empty() ? "virtual " : "",
         bases.empty() ? "" : " override");
    line("  // TENON_MAY_BLOCK, TENON_PURE; of \"tenon:sqlite/sql#[method]connection.query\".");
    line(
        "  static constexpr std::uint32_t function_flags(std::string_view /*function*/) {{ return "
        "0; }}");
    line("}};");
    line("}}  // namespace {}_host", model_.snake);
  }

  void print_codecs() {
    line("\nnamespace tenon::host_glue {{");
    for (interface_ = 0; interface_ < model_.interfaces.size(); ++interface_)
      for (const HostType& type : interface().types) {
        const auto* const id = std::get_if<TypeId>(&type.type);
        if (id == nullptr || !type.is_own) continue;
        const auto& kind = model_.types.types[*id].kind;
        if (const auto* const record = std::get_if<types::Record>(&kind))
          print_codec("record_fields", type.name,
                      field_names(type.name, record->fields, &types::Field::label));
        if (const auto* const flags = std::get_if<types::Flags>(&kind))
          print_codec("flag_labels", type.name,
                      field_names(type.name, flags->labels, std::identity()));
      }
    line("}}  // namespace tenon::host_glue");
  }

  void print_codec(std::string_view trait, const std::string& name,
                   const std::vector<std::string>& members) {
    const std::string full = full_name(name);
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
    for (interface_ = 0; interface_ < model_.interfaces.size(); ++interface_) {
      for (const HostFunction& function : interface().functions) {
        functions += print_row("call_function", function, "exports");
        ++function_count;
      }
      for (const HostResource& resource : interface().resources) {
        for (const HostFunction& method : resource.methods) {
          functions += print_row("call_method", method, resource.name);
          ++function_count;
        }
        resources += fmt::format(
            "      {{\"{}\", \"{}\",\n       &tenon::host_glue::drop_resource<instance, "
            "{}::{}>}},\n",
            interface().table_name, resource.label, interface().scope, resource.name);
        ++resource_count;
      }
    }
    line("\nnamespace {}_host {{", model_.snake);
    line("// What TENON_HOST_MODULE finds by its Type, which is derived from `instance`.");
    line("constexpr instance* module_base(instance* derived) {{ return derived; }}");
    line("// With the hash of each function's type.");
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

  std::string print_row(std::string_view glue, const HostFunction& function,
                        const std::string& target) {
    const std::string path =
        interface().table_name.empty()
            ? function.table_name
            : fmt::format("{}#{}", interface().table_name, function.table_name);
    return fmt::format(
        "      {{\"{}\", \"{}\",\n       &tenon::host_glue::{}<instance, &{}::{}::{}>,\n"
        "       0x{:016x}U, Type::function_flags(\"{}\")}},\n",
        interface().table_name, function.table_name, glue, interface().scope, target, function.name,
        function.signature, path);
  }

  const HostModel& model_;
  CppTypes cpp_;
  std::size_t interface_ = 0;
  std::size_t next_ = 0;  // field of a record
  std::string text_;
};

}  // namespace

Result<std::string> print_host_cpp(const HostModel& model) { return HeaderPrinter(model).print(); }

}  // namespace tenon::bindgen

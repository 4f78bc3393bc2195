#include "bindgen/program_c.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bindgen/c_types.h"
#include "bindgen/code_text.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::bindgen {

namespace {

using types::TypeId;

// tenon_function_call_flat passes no more.
constexpr std::size_t kMaxFlat = 16;

// A function of the model with the texts that its declarations and definition are made of.
struct CProgramFunction {
  const HostFunction* function = nullptr;
  const types::Function* type = nullptr;
  std::string name = {};                    // "shop_cart_total"
  std::size_t index = 0;                    // of its description, in `called_` or `provided_`
  std::vector<std::string> params = {};     // "tenon_string customer", "const shop_cart_item *item"
  std::vector<std::string> names = {};      // "customer", "item"
  std::vector<std::string> addresses = {};  // "&customer", "item"
  std::string result = {};                  // "uint32_t"; empty: none
};

// A member of the struct of function pointers of an interface.
struct CMember {
  CProgramFunction of;
  std::string member;  // "percent"
  std::string caller;  // the tenon_fn that calls it
};
struct CDrop {
  const HostResource* resource = nullptr;
  std::string member;  // "account_drop"
  std::string caller;
};

std::string declare_out(const std::string& type) {
  return type.ends_with('*') ? type + "*result" : type + " *result";
}

std::string provided_row(const CProgramFunction& of) {
  return fmt::format("&provided_[{}]", of.index);
}

std::string braces(const std::vector<std::string>& items) {
  return fmt::format("{{{}}}", fmt::join(items, ", "));
}

// "counter_merge", "counter_new"
std::string words_of(const HostFunction& function) {
  return snake_words(shown_name(function)) +
         (function.kind == HostFunctionKind::Constructor ? "_new" : "");
}

// Prints `head(params)tail` in lines that are filled, after the bracket if that is not too far to the right.
void print_prototype(CodeText& to, const std::string& head, const std::vector<std::string>& params,
                     std::string_view tail) {
  const std::size_t most = kLineWidth - tail.size() - 1;
  const bool breaks = head.size() > kLineWidth / 2;
  const std::string indent(breaks ? 4 : head.size() + 1, ' ');
  std::string text = head + (breaks ? "(\n" + indent : "(");
  std::size_t column = breaks ? indent.size() : text.size();
  for (const std::string& param : params) {
    if (column + param.size() + 2 > most && column > indent.size()) {
      text.pop_back();
      text += "\n" + indent;
      column = indent.size();
    }
    text += param + ", ";
    column += param.size() + 2;
  }
  if (!params.empty()) text.resize(text.size() - 2);
  to.line("{}){}", text, tail);
}

class CProgramPrinter final {
 public:
  explicit CProgramPrinter(const HostModel& model)
      : model_(model), types_(model, header_), globals_(types_.globals()) {}

  Result<std::vector<GeneratedFile>> print() && {
    print_head();
    for (const HostInterface& interface : model_.interfaces) print_interface(interface);
    header_.line("\n#ifdef __cplusplus\n}}\n#endif\n#endif");
    if (!called_.empty()) define_find();
    if (!types_.has_failed())
      return std::vector<GeneratedFile>{{model_.snake + ".h", std::move(header_).take()},
                                        {model_.snake + ".c", take_source()}};
    Diagnostic problem = make_diagnostic(
        Code::HostWitMismatch,
        "`{}` has types that cannot be written in C: they have no name, or are error-contexts",
        sanitize_text(model_.wit));
    problem.where.file = model_.wit;
    problem.hints.emplace_back("give names to the types, and use another type for errors");
    return problem;
  }

 private:
  template <class... Args>
  void declare(fmt::format_string<Args...> format, Args&&... args) {
    header_.line(format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void define(fmt::format_string<Args...> format, Args&&... args) {
    source_.line(format, std::forward<Args>(args)...);
  }

  // Whether the interface has what the program provides or calls.
  static bool is_used(const HostInterface& interface) {
    return !interface.functions.empty() || !interface.resources.empty();
  }

  void print_head() {
    declare("/* Made by `tenon bindgen c` from the WIT of {}. Do not edit.",
            sanitize_text(model_.world.empty() ? model_.name : model_.world));
    if (std::string left_out = print_left_out(model_, " *"); !left_out.empty()) {
      left_out.pop_back();  // the end of the last line
      declare("{}", left_out);
    }
    declare(R"( *
 * A function that calls a unit returns NULL, or an error that the caller deletes. Strings and lists of its
 * result lie in `arena`, until that is reset or deleted. `result` can be NULL. `own` handles of units in a
 * result are the caller's, and are used up when they are passed as `own`, whether the call fails or not. */)");
    declare("#ifndef TENON_BINDGEN_{0}_H\n#define TENON_BINDGEN_{0}_H\n", macro_name(model_.snake));
    declare("#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>");
    declare("#include <tenon/tenon_c.h>\n#include <tenon/tenon_string.h>\n");
    declare("#ifdef __cplusplus\nextern \"C\" {{\n#endif");
    const bool has_calls = std::ranges::any_of(model_.interfaces, [](const HostInterface& each) {
      return each.is_export && is_used(each);
    });
    if (has_calls) declare_find();
  }

  void declare_find() {
    declare(
        "\n/* The functions of a composition or of one unit. Any number of threads can call them. "
        "*/");
    declare("typedef struct {0} {0};", globals_.handle());
    declare(
        R"(/* Looks up all functions. NULL if one is missing or has another type, or there is no memory. report: called
 * with the text of each problem, for people; can be NULL. */)");
    print_find(header_, "find", "tenon_composition", ";");
    print_find(header_, "find_in", "tenon_unit", ";");
    declare("/* No call may be in progress, except those that were started. */");
    declare("void {}delete({} *self);", globals_.prefix(), globals_.handle());
  }

  // from: the type of what has the functions.
  void print_find(CodeText& to, std::string_view name, std::string_view from,
                  std::string_view tail) {
    print_prototype(to, fmt::format("{} *{}{}", globals_.handle(), globals_.prefix(), name),
                    {fmt::format("{} *from", from), "void (*report)(void *user, const char *text)",
                     "void *user"},
                    tail);
  }

  // A parameter can hide the name of the type; `struct` finds it.
  void define_find() {
    define("");
    print_find(source_, "find", "tenon_composition", " {");
    define("  return (struct {} *)tenon_c_find(from, NULL, called_, {}, report, user);\n}}\n",
           globals_.handle(), called_.size());
    print_find(source_, "find_in", "tenon_unit", " {");
    define("  return (struct {} *)tenon_c_find(NULL, from, called_, {}, report, user);\n}}\n",
           globals_.handle(), called_.size());
    define("void {}delete({} *self) {{", globals_.prefix(), globals_.handle());
    define("  tenon_c_found_delete((tenon_c_found *)self, {});\n}}", called_.size());
  }

  void print_interface(const HostInterface& interface) {
    if (!is_used(interface) && interface.types.empty()) return;
    declare("\n/* ---- {}, which {} ---- */",
            interface.label.empty() ? "Items of the world itself" : sanitize_text(interface.label),
            interface.is_export ? "units export" : "the program provides");
    header_.gap();
    for (const HostType& type : interface.types) {
      const auto* const resource = std::get_if<types::ResourceId>(&type.type);
      if (resource != nullptr && type.is_own) print_resource(interface, *resource);
    }
    for (const HostType& type : interface.types) types_.declare(interface, type);
    for (const HostFunction& function : interface.functions) declare_types(function);
    for (const HostResource& resource : interface.resources)
      for (const HostFunction& method : resource.methods) declare_types(method);
    if (interface.is_export)
      print_calls(interface);
    else if (is_used(interface))
      print_provided(interface);
  }

  // Those without names in the WIT.
  void declare_types(const HostFunction& function) {
    const types::Function& type = model_.types.functions[function.function];
    for (const types::Field& param : type.params) types_.spell(param.type);
    if (type.result) types_.spell(*type.result);
  }

  void print_resource(const HostInterface& interface, types::ResourceId id) {
    declare("/* {} */", interface.is_export
                            ? "A handle of a resource of a unit."
                            : "A resource of the program, which defines the struct.");
    const std::string name = types_.spell_resource(id);
    if (!interface.is_export) return;
    const std::string head =
        fmt::format("void {}({} *handle)", globals_.take(name + "_delete"), name);
    declare("{};", head);
    define("\n{} {{\n  tenon_resource_delete((tenon_resource *)handle);\n}}", head);
  }

  // Adds its description. taken: names of other parameters, and of variables in the definition.
  CProgramFunction make_function(const HostInterface& interface, const HostFunction& function,
                                 std::set<std::string> taken) {
    CProgramFunction made{.function = &function,
                          .type = &model_.types.functions[function.function],
                          .name = globals_.prefix_of(interface) + words_of(function)};
    Names names(std::move(taken));
    for (std::size_t i = 0; i < made.type->params.size(); ++i) {
      const types::Field& param = made.type->params[i];
      const bool is_self = i == 0 && function.kind == HostFunctionKind::Method;
      const std::string shown = shown_name(function);
      const std::string name =
          names.take(globals_.local(is_self ? shown.substr(0, shown.find('.')) : param.label));
      const std::string type = types_.spell(param.type);
      const bool is_struct = types_.is_struct(param.type);
      made.names.push_back(name);
      made.params.push_back(is_struct ? declare_c_view(type, name) : declare_c(type, name));
      made.addresses.push_back(is_struct ? name : "&" + name);
    }
    if (made.type->result) made.result = types_.spell(*made.type->result);
    made.index = describe(interface, made);
    return made;
  }

  // Adds the description of a function to those of its side, and returns its index.
  std::size_t describe(const HostInterface& interface, const CProgramFunction& of) {
    std::vector<std::string>& rows = interface.is_export ? called_ : provided_;
    std::vector<std::string> params;
    std::vector<std::string> flags;
    bool gives_own = false;
    for (const types::Field& param : of.type->params) {
      params.push_back(fmt::format("{{\"{}\", {}, 0}}", param.label, types_.describe(param.type)));
      gives_own = gives_own || types_.has_own(param.type);
    }
    if (const std::optional<TypeId> result = of.type->result) {
      if (types_.has_memory(*result)) flags.emplace_back("TENON_C_IN_ARENA");
      if (!types_.is_single(*result)) flags.emplace_back("TENON_C_HAS_PARTS");
      if (types_.has_own(*result)) flags.emplace_back("TENON_C_GETS_OWN");
    }
    if (gives_own) flags.emplace_back("TENON_C_GIVES_OWN");
    const std::string table =
        fmt::format("{}_params_{}_", interface.is_export ? "called" : "provided", rows.size());
    if (!params.empty())
      params_.line("static const tenon_c_part {}[] = {{\n    {}}};", table,
                   fmt::join(params, ",\n    "));
    rows.push_back(fmt::format("{{\"{}\", \"{}\", {}, {}, {}, {}}}", interface.label,
                               of.function->table_name, params.empty() ? "NULL" : table,
                               params.size(),
                               of.type->result ? types_.describe(*of.type->result) : "NULL",
                               flags.empty() ? "0" : fmt::format("{}", fmt::join(flags, " | "))));
    return rows.size() - 1;
  }

  // --- Functions of units

  void print_calls(const HostInterface& interface) {
    for (const HostFunction& function : interface.functions) print_call(interface, function);
    for (const HostResource& resource : interface.resources)
      for (const HostFunction& method : resource.methods) print_call(interface, method);
  }

  void print_call(const HostInterface& interface, const HostFunction& function) {
    CProgramFunction call = make_function(
        interface, function,
        {"arena", "context", "done", "error", "result", "self", "task", "user", "value"});
    call.name = globals_.take(call.name);
    std::vector<std::string> params = params_of(call);
    if (call.type->result && types_.has_memory(*call.type->result))
      params.emplace_back("tenon_arena *arena");
    if (!call.result.empty()) params.push_back(declare_out(call.result));
    const std::string head = fmt::format("tenon_error *{}", call.name);
    header_.gap();
    header_.block_comment("", function.docs, function.wit);
    print_prototype(header_, head, params, ";");
    define("");
    print_prototype(source_, head, params, " {");
    if (is_flat(call))
      define_flat_call(call);
    else
      define_call(call);
    define("}}");
    if (call.type->is_async) print_start(call);
  }

  // With the object of all functions.
  [[nodiscard]] std::vector<std::string> params_of(const CProgramFunction& call) const {
    std::vector<std::string> params = {globals_.handle() + " *self"};
    params.insert(params.end(), call.params.begin(), call.params.end());
    return params;
  }

  // Defines the array of the addresses of the arguments, and returns its name.
  std::string define_args(const CProgramFunction& call) {
    if (call.addresses.empty()) return "NULL";
    define("  const void *const args_[] = {};", braces(call.addresses));
    return "args_";
  }

  void define_call(const CProgramFunction& call) {
    const bool has_arena = call.type->result && types_.has_memory(*call.type->result);
    const std::string args = define_args(call);
    define("  return tenon_c_call((tenon_c_found *)self, {}, {}, {}, {});", call.index, args,
           has_arena ? "arena" : "NULL", call.result.empty() ? "NULL" : "result");
  }

  [[nodiscard]] bool is_flat(const CProgramFunction& call) const {
    return call.type->params.size() <= kMaxFlat &&
           std::ranges::all_of(
               call.type->params,
               [&](const types::Field& param) { return types_.is_flat(param.type); }) &&
           (!call.type->result || types_.is_flat(*call.type->result));
  }

  [[nodiscard]] types::Primitive primitive_of(TypeId id) const {
    const auto* const primitive = std::get_if<types::Primitive>(&model_.types.types[id].kind);
    return primitive != nullptr ? *primitive : types::Primitive::U32;  // an enum or flags
  }

  // The flat value of a parameter.
  [[nodiscard]] std::string flatten(TypeId id, const std::string& name) const {
    switch (primitive_of(id)) {
      case types::Primitive::F32:
        return fmt::format("tenon_c_bits_of_f32({})", name);
      case types::Primitive::F64:
        return fmt::format("tenon_c_bits_of_f64({})", name);
      case types::Primitive::S8:
      case types::Primitive::S16:
      case types::Primitive::S32:
      case types::Primitive::S64:
        return fmt::format("(uint64_t)(int64_t){}", name);
      case types::Primitive::Bool:
      case types::Primitive::U8:
      case types::Primitive::U16:
      case types::Primitive::U32:
      case types::Primitive::U64:
      case types::Primitive::Char:
      case types::Primitive::String:
      case types::Primitive::ErrorContext:
        break;
    }
    return fmt::format("(uint64_t){}", name);
  }
  [[nodiscard]] std::string unflatten(TypeId id, const std::string& type) const {
    const types::Primitive kind = primitive_of(id);
    if (kind == types::Primitive::Bool) return "number_ != 0";
    if (kind == types::Primitive::F32) return "tenon_c_f32_of_bits(number_)";
    if (kind == types::Primitive::F64) return "tenon_c_f64_of_bits(number_)";
    return fmt::format("({})number_", type);
  }

  void define_flat_call(const CProgramFunction& call) {
    std::vector<std::string> flat;
    for (std::size_t i = 0; i < call.names.size(); ++i)
      flat.push_back(flatten(call.type->params[i].type, call.names[i]));
    if (!flat.empty()) define("  const uint64_t flat_[] = {};", braces(flat));
    const std::string outcome = fmt::format(
        "tenon_function_call_flat(tenon_c_function_at((tenon_c_found *)self, {}), {}, {}, {})",
        call.index, flat.empty() ? "NULL" : "flat_", flat.size(),
        call.result.empty() ? "NULL" : "&number_");
    if (call.result.empty()) return define("  return {};", outcome);
    define("  uint64_t number_ = 0;");
    define("  tenon_error *const error_ = {};", outcome);
    define("  if (result != NULL) *result = {};", unflatten(*call.type->result, call.result));
    define("  return error_;");
  }

  void print_start(const CProgramFunction& call) {
    const std::string done = globals_.take(call.name + "_done");
    const std::string ended = globals_.take(call.name + "_ended_");
    std::vector<std::string> done_params = {"void *user", "tenon_error *error"};
    if (!call.result.empty()) done_params.push_back(declare_c_view(call.result, "result"));
    declare(
        "/* Starts it. done: called once, with an error that it deletes, or a result that ends "
        "with it. */");
    declare("typedef void (*{})({});", done, fmt::join(done_params, ", "));
    std::vector<std::string> params = params_of(call);
    params.insert(params.end(), {done + " done", "void *user", "tenon_task **task"});
    const std::string head = fmt::format("tenon_error *{}", globals_.take(call.name + "_start"));
    print_prototype(header_, head, params, ";");
    define_ended(call, done, ended);
    define("");
    print_prototype(source_, head, params, " {");
    const std::string args = define_args(call);
    define(
        "  return tenon_c_start((tenon_c_found *)self, {}, {}, {}, (void (*)(void))done, user, "
        "task);",
        call.index, args, ended);
    define("}}");
  }

  void define_ended(const CProgramFunction& call, const std::string& done,
                    const std::string& ended) {
    const bool has_result = !call.result.empty();
    define("\nstatic void {}(void *context, tenon_error *error, const tenon_value *value) {{",
           ended);
    define("  tenon_c_started started_;");
    define("  tenon_c_memory memory_;");
    if (has_result) define("  {};", declare_c(call.result, "result"));
    define("  error = tenon_c_end(context, error, value, &started_, &memory_, {});",
           has_result ? "&result" : "NULL");
    define("  (({})started_.done)(started_.user, error{});", done,
           has_result ? ", error == NULL ? &result : NULL" : "");
    define("  tenon_c_close(&memory_);\n}}");
  }

  // --- Functions of the program

  void print_provided(const HostInterface& interface) {
    const std::string prefix = globals_.prefix_of(interface);
    const std::string functions = globals_.take(prefix + "functions");
    const std::string object = fmt::format("struct {}", globals_.take(prefix + "provided_"));
    Names members({"cancel"});
    std::vector<CMember> all;
    for (const HostFunction& function : interface.functions)
      all.push_back(make_member(interface, function, members));
    for (const HostResource& resource : interface.resources)
      for (const HostFunction& method : resource.methods)
        all.push_back(make_member(interface, method, members));
    std::vector<CDrop> drops;
    for (const HostResource& resource : interface.resources)
      drops.push_back(
          {&resource, members.take(globals_.local(resource.label + "-drop")),
           globals_.take(fmt::format("{}{}_drop_", prefix, snake_words(resource.label)))});
    const bool can_cancel =
        std::ranges::any_of(all, [](const CMember& member) { return member.of.type->is_async; });
    declare_functions(functions, all, drops, can_cancel);

    define("\n{} {{\n  tenon_c_provided base;\n  {} functions;\n}};", object, functions);
    const std::string cancel = globals_.take(prefix + "cancel_");
    if (can_cancel) define_cancel(object, cancel);
    for (const CMember& member : all) define_member(member, object, cancel);
    for (const CDrop& drop : drops) define_drop(drop, object);
    print_provide(interface, functions, object, all, drops);
  }

  CMember make_member(const HostInterface& interface, const HostFunction& function,
                      Names& members) {
    CMember member;
    member.of =
        make_function(interface, function,
                      {"args", "call", "completion", "memset", "nargs", "result", "self", "user"});
    member.member = members.take(globals_.local(words_of(function)));
    member.caller = globals_.take(member.of.name + "_");
    return member;
  }

  void declare_functions(const std::string& name, const std::vector<CMember>& all,
                         const std::vector<CDrop>& drops, bool can_cancel) {
    header_.gap();
    declare(
        R"(/* The functions that the program provides; those that are NULL are not provided. They return 0, or nonzero
 * for a trap: `return tenon_host()->trap(call, "..")`. */)");
    declare("typedef struct {} {{", name);
    for (const CMember& member : all) {
      const bool is_async = member.of.type->is_async;
      std::vector<std::string> params = {
          "void *user", is_async ? "tenon_completion completion" : "tenon_call *call"};
      params.insert(params.end(), member.of.params.begin(), member.of.params.end());
      if (!is_async && !member.of.result.empty()) params.push_back(declare_out(member.of.result));
      header_.block_comment("  ", member.of.function->docs, member.of.function->wit);
      print_prototype(header_,
                      fmt::format("  {} (*{})", is_async ? "void" : "int32_t", member.member),
                      params, ";");
    }
    if (can_cancel) {
      declare("  /* The result of a call is not wanted any more: end it soon. Can be NULL. */");
      declare("  void (*cancel)(void *user, tenon_completion completion);");
    }
    for (const CDrop& drop : drops) {
      declare("  /* A unit has dropped an `own` handle. Can be NULL. */");
      declare("  void (*{})(void *user, {} *dropped);", drop.member,
              types_.spell_resource(drop.resource->resource));
    }
    declare("}} {};", name);
  }

  void define_cancel(const std::string& object, const std::string& cancel) {
    define("\nstatic void {}(void *self, tenon_completion completion) {{", cancel);
    define("  const {0} *const to_ = (const {0} *)self;", object);
    define("  (to_->functions.cancel)(to_->base.user, completion);\n}}");
  }

  void define_drop(const CDrop& drop, const std::string& object) {
    define("\nstatic void {}(void *self, void *rep) {{", drop.caller);
    define("  const {0} *const to_ = (const {0} *)self;", object);
    define("  (to_->functions.{})(to_->base.user, ({} *)rep);\n}}", drop.member,
           types_.spell_resource(drop.resource->resource));
  }

  // The function that tenon calls: it reads the arguments, and calls the member.
  void define_member(const CMember& member, const std::string& object, const std::string& cancel) {
    const CProgramFunction& of = member.of;
    define("");
    print_prototype(source_, "static int32_t " + member.caller,
                    {"void *self", "tenon_call *call", "const tenon_value *args", "size_t nargs",
                     "tenon_value *result"},
                    " {");
    define("  const {0} *const to_ = (const {0} *)self;", object);
    std::vector<std::string> arguments = {"to_->base.user",
                                          of.type->is_async ? "completion" : "call"};
    std::vector<std::string> places;
    for (std::size_t i = 0; i < of.names.size(); ++i) {
      const TypeId type = of.type->params[i].type;
      define("  {};", declare_c(types_.spell(type), of.names[i]));
      arguments.push_back((types_.is_struct(type) ? "&" : "") + of.names[i]);
      places.push_back("&" + of.names[i]);
    }
    if (!places.empty()) define("  void *const places_[] = {};", braces(places));
    const bool has_value = !of.type->is_async && !of.result.empty();
    if (has_value) define("  {};", declare_c(of.result, "value_"));
    define("  if (tenon_c_read_args({}, call, args, nargs, {}) != 0) return 1;", provided_row(of),
           places.empty() ? "NULL" : "places_");
    if (has_value) arguments.emplace_back("&value_");
    const std::string called =
        fmt::format("(to_->functions.{})({})", member.member, fmt::join(arguments, ", "));
    if (of.type->is_async)
      define_deferred(called, cancel);
    else
      define_return(member, called);
    define("}}");
    if (of.type->is_async) print_complete(of);
  }

  void define_deferred(const std::string& called, const std::string& cancel) {
    define("  const tenon_completion completion = tenon_host()->defer(");
    define("      call, to_->functions.cancel != NULL ? {} : NULL);", cancel);
    define(
        "  if (completion == 0) return tenon_host()->trap(call, \"its call cannot be deferred\");");
    define("  {};", called);
    define("  (void)result;\n  return 0;");
  }

  void define_return(const CMember& member, const std::string& called) {
    if (member.of.result.empty()) {
      define("  (void)result;\n  return {};", called);
      return;
    }
    define("  memset(&value_, 0, sizeof(value_));");
    define("  if ({} != 0) return 1;", called);
    define("  return tenon_c_return({}, call, &value_, result);", provided_row(member.of));
  }

  void print_complete(const CProgramFunction& of) {
    std::vector<std::string> params = {"tenon_completion completion"};
    std::string address = "NULL";
    if (!of.result.empty()) {
      const bool is_struct = types_.is_struct(*of.type->result);
      params.push_back(is_struct ? declare_c_view(of.result, "result")
                                 : declare_c(of.result, "result"));
      address = is_struct ? "result" : "&result";
    }
    const std::string head = fmt::format("int32_t {}", globals_.take(of.name + "_complete"));
    declare(
        "/* Ends a call of {}, on any thread, as `complete` of tenon_host(). `fail` makes it a "
        "trap. */",
        shown_name(*of.function));
    print_prototype(header_, head, params, ";");
    define("");
    print_prototype(source_, head, params, " {");
    define("  return tenon_c_complete({}, completion, {});\n}}", provided_row(of), address);
  }

  void print_provide(const HostInterface& interface, const std::string& functions,
                     const std::string& object, const std::vector<CMember>& all,
                     const std::vector<CDrop>& drops) {
    const std::string name = globals_.take(globals_.prefix_of(interface) + "provide");
    const std::string head = "void " + name;
    const std::vector<std::string> params = {"tenon_builder *builder",
                                             fmt::format("const {} *functions", functions),
                                             "void *user", "void (*drop)(void *user)"};
    declare(
        R"(/* Adds them to a builder. The struct is copied. drop: called with `user` once, when nothing calls them any
 * more; can be NULL. */)");
    print_prototype(header_, head, params, ";");
    define("");
    print_prototype(source_, head, params, " {");
    define("  {0} *const to_ = ({0} *)tenon_c_provide(builder, sizeof({0}), user, drop);", object);
    define("  if (to_ == NULL) return;");
    define("  to_->functions = *functions;");
    for (const CDrop& drop : drops) {
      define("  tenon_builder_add_resource(builder, \"{}\", \"{}\",", interface.label,
             drop.resource->label);
      define(
          "                             functions->{} != NULL ? {} : NULL, "
          "tenon_c_share(&to_->base),",
          drop.member, drop.caller);
      define("                             tenon_c_unprovide);");
    }
    for (const CMember& member : all)
      define("  tenon_c_add{}(builder, {}, functions->{} != NULL ? {} : NULL, &to_->base);",
             member.of.type->is_async ? "_deferred" : "", provided_row(member.of), member.member,
             member.caller);
    define("  tenon_c_unprovide(to_);\n}}");
  }

  // --- The source file

  std::string take_source() {
    CodeText text;
    text.line("/* Made by `tenon bindgen c`. Do not edit. */");
    // First, because names of the program could be those of its variables.
    text.line("#include <tenon/detail/c_calls.h>\n");
    text.line("#include \"{}.h\"\n", model_.snake);
    text.line("#if TENON_C_CALLS_VERSION != 1");
    text.line(
        "#error \"this file was made for other headers of tenon: run `tenon bindgen c` again\"");
    text.line("#endif\n");
    std::string source = std::move(text).take();
    source += std::move(types_).take_tables() + std::move(params_).take();
    for (const auto& [name, rows] :
         {std::pair("called_", &called_), std::pair("provided_", &provided_)})
      if (!rows->empty())
        source += fmt::format("static const tenon_c_function {}[] = {{\n    {}}};\n", name,
                              fmt::join(*rows, ",\n    "));
    return source + std::move(source_).take();
  }

  const HostModel& model_;
  CodeText header_;
  CodeText params_;  // tables of the parameters of functions
  CodeText source_;  // definitions
  CTypes types_;
  CGlobals& globals_;
  std::vector<std::string> called_;    // rows of the functions of units
  std::vector<std::string> provided_;  // and of those of the program
};

}  // namespace

Result<std::vector<GeneratedFile>> print_program_c(const HostModel& model) {
  return CProgramPrinter(model).print();
}

Result<GeneratedCode> generate_c(const BindgenOptions& options) {
  TENON_TRY(HostModel model, read_program_model(RealFiles(), options));
  TENON_TRY(std::vector<GeneratedFile> files, print_program_c(model));
  return GeneratedCode{.files = std::move(files), .notes = std::move(model.notes)};
}

}  // namespace tenon::bindgen

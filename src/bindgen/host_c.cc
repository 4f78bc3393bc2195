#include "bindgen/host_c.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "bindgen/cpp_names.h"
#include "support/terminal_text.h"

namespace tenon::bindgen {

namespace {

std::string to_upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string print_prototypes(const CNames& names) {
  std::string text;
  const HostInterface* last = nullptr;
  for (const CFunction& one : names.functions) {
    if (one.interface != last)
      text += fmt::format("\n/* {} */\n", one.interface->label.empty()
                                              ? "Of the world itself"
                                              : sanitize_text(one.interface->label));
    last = one.interface;
    text += fmt::format(
        "\n/* {} */\nstatic int32_t {}(void *self, tenon_call *call, const tenon_value *args,\n"
        "    size_t nargs, tenon_value *result);\n",
        one.function->wit, one.name);
  }
  if (!names.resources.empty()) text += "\n/* The end of an `own` that guests let go. */\n";
  for (const CResource& one : names.resources)
    text += fmt::format("static void {}(void *self, void *rep);\n", one.drop);
  return text;
}

// The tables, each with the name that the module has for it: an array in C is not empty.
std::string print_tables(const HostModel& model, const CNames& names) {
  std::string text;
  if (!names.functions.empty()) {
    text += fmt::format(
        "\n/* With the hash of each function's type. */\nstatic const tenon_func_def "
        "{}_functions[] = {{\n",
        model.snake);
    for (const CFunction& one : names.functions)
      text += fmt::format("    {{\"{}\", \"{}\", {},\n     UINT64_C(0x{:016x}), {}_HOST_FLAGS}},\n",
                          one.interface->table_name, one.function->table_name, one.name,
                          one.function->signature, to_upper(model.snake));
    text += "};\n";
  }
  if (!names.resources.empty()) {
    text += fmt::format("static const tenon_resource_def {}_resources[] = {{\n", model.snake);
    for (const CResource& one : names.resources)
      text += fmt::format("    {{\"{}\", \"{}\", {}}},\n", one.interface->table_name,
                          one.resource->label, one.drop);
    text += "};\n";
  }
  return text;
}

std::string print_module(const HostModel& model, const CNames& names) {
  const auto table = [&](std::string_view what, std::size_t count) {
    return count == 0 ? std::string("NULL, 0") : fmt::format("{}_{}, {}", model.snake, what, count);
  };
  return fmt::format(R"(
/* The table of the library, once at its end. create, destroy: as in tenon_host_module; threading:
 * TENON_SERIAL_LIBRARY, TENON_SERIAL_INSTANCE or TENON_CONCURRENT. */
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

CNames name_c_functions(const HostModel& model) {
  CNames made;
  // What skeletons have besides.
  Names names(
      {"create", "destroy", "not_written", model.snake + "_functions", model.snake + "_resources"});
  for (const HostInterface& interface : model.interfaces) {
    const std::string scope = interface.scope + "_";
    // Names of C++ may have the interface before them already.
    const auto own = [&](const HostFunction& function) {
      return function.name.starts_with(scope) ? function.name : scope + function.name;
    };
    for (const HostFunction& function : interface.functions)
      made.functions.push_back({&interface, &function, names.take(own(function))});
    for (const HostResource& resource : interface.resources) {
      const std::string prefix = fmt::format("{}{}_", scope, snake_words(resource.label));
      for (const HostFunction& method : resource.methods)
        made.functions.push_back({&interface, &method, names.take(prefix + method.name)});
      made.resources.push_back({&interface, &resource, names.take(prefix + "drop")});
    }
  }
  return made;
}

std::string print_host_c(const HostModel& model) {
  const CNames names = name_c_functions(model);
  const std::string upper = to_upper(model.snake);
  std::string text = fmt::format(
      "/* Made by `tenon bindgen host-c` from the WIT of {}. Do not edit.\n"
      " *\n"
      " * One file includes it, defines the functions, and ends with {}_HOST_MODULE. */\n"
      "#ifndef {}_HOST_H\n#define {}_HOST_H\n\n#include <tenon/tenon_host.h>\n",
      model.world.empty() ? model.name : sanitize_text(model.world), upper, upper, upper);
  text += print_prototypes(names);
  text += fmt::format(
      "\n/* Of all functions: TENON_MAY_BLOCK, TENON_PURE, if that is defined before. */\n"
      "#ifndef {0}_HOST_FLAGS\n#define {0}_HOST_FLAGS 0\n#endif\n",
      upper);
  text += print_tables(model, names);
  text += print_module(model, names);
  text += "\n#endif\n";
  return text;
}

}  // namespace tenon::bindgen

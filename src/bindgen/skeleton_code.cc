#include "bindgen/skeleton_code.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <vector>

#include "bindgen/cpp_names.h"
#include "bindgen/cpp_types.h"
#include "bindgen/host_c.h"

namespace tenon::bindgen {

namespace {

// "prepared-statement" -> "PreparedStatement"
std::string camel_name(std::string_view label) {
  std::string made;
  bool is_first = true;
  for (const char c : snake_words(label)) {
    if (c == '_') {
      is_first = true;
      continue;
    }
    made += is_first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    is_first = false;
  }
  return made;
}

// Of generated code: this file includes nothing of it.
constexpr std::string_view kInclude = "#include";

// first: of the parameters that a member function has.
std::string print_cpp_member(const HostModel& model, CppTypes& cpp, const HostFunction& function,
                             std::size_t first) {
  const types::Function& type = model.types.functions[function.function];
  std::vector<std::string> params;
  for (std::size_t i = first; i < type.params.size(); ++i)
    params.push_back(fmt::format("{} /*{}*/", cpp.spell_param(type.params[i].type, kOutside),
                                 snake_name(type.params[i].label)));
  const std::string result = cpp.spell_result(type, kOutside);
  std::string head =
      fmt::format("  {} {}({}) override {{", result, function.name, fmt::join(params, ", "));
  if (head.size() > kLineWidth)
    head = fmt::format("  {}\n  {}({}) override {{", result, function.name,
                       fmt::join(params, ",\n      "));
  return fmt::format("  // {}\n{}\n    not_written(\"{}\");\n  }}\n", function.wit, head,
                     shown_name(function));
}

}  // namespace

std::string print_cpp_bodies(const HostModel& model) {
  CppTypes cpp(model);
  std::string text =
      fmt::format(R"(// The functions of {0}. What they throw is a trap, with its text.
{2} "{1}_host.h"

{2} <stdexcept>
{2} <string>

namespace {{

[[noreturn]] void not_written(const char* function) {{
  throw std::logic_error("`" + std::string(function) + "` is not written yet");
}}
)",
                  model.name, model.snake, kInclude);
  Names names({"Instance"});
  for (const HostInterface& interface : model.interfaces)
    for (const HostResource& resource : interface.resources) {
      text += fmt::format("\nclass {} final : public {}_host::{}::{} {{\n public:\n",
                          names.take(camel_name(resource.label)), model.snake, interface.scope,
                          resource.name);
      for (const HostFunction& method : resource.methods)
        text += print_cpp_member(model, cpp, method, 1);
      text += "};\n";
    }
  text += fmt::format(R"(
class Instance final : public {}_host::instance {{
 public:
  // May throw, or return tenon::expected<std::unique_ptr<Instance>, std::string>.
  static std::unique_ptr<Instance> create(const tenon::host_config& /*config*/) {{
    return std::make_unique<Instance>();
  }}

)",
                      model.snake);
  for (const HostInterface& interface : model.interfaces)
    for (const HostFunction& function : interface.functions)
      text += print_cpp_member(model, cpp, function, 0);
  text += fmt::format(
      "}};\n\n}}  // namespace\n\nTENON_HOST_MODULE({}, \"0.1.0\", Instance, "
      "TENON_SERIAL_INSTANCE)\n",
      model.snake);
  return text;
}

std::string print_c_bodies(const HostModel& model) {
  const CNames names = name_c_functions(model);
  std::string text = fmt::format(R"(/* The functions of {0}. */
{2} "{1}_host.h"

{2} <stdlib.h>

/* One instance: what `create` makes, and `self` of the functions. */
typedef struct {{
  const tenon_host_api *api;
}} host;

static int32_t not_written(void *self, tenon_call *call, const char *function) {{
  return ((host *)self)->api->trap(call, "`%s` is not written yet", function);
}}
)",
                                 model.name, model.snake, kInclude);
  for (const CFunction& one : names.functions)
    text += fmt::format(R"(
/* {} */
static int32_t {}(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                  tenon_value *result) {{
  (void)args, (void)nargs, (void)result;
  return not_written(self, call, "{}");
}}
)",
                        one.function->wit, one.name, shown_name(*one.function));
  for (const CResource& one : names.resources)
    text += fmt::format(
        "\nstatic void {}(void *self, void *rep) {{\n  (void)self, (void)rep;\n}}\n", one.drop);
  std::string upper = model.snake;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  text += fmt::format(R"(
static int32_t create(const tenon_host_api *api, const tenon_config *config, tenon_call *call,
                      void **self) {{
  host *made = calloc(1, sizeof(host));
  (void)config;
  if (made == NULL) return api->trap(call, "no memory");
  made->api = api;
  *self = made;
  return 0;
}}

static void destroy(void *self) {{ free(self); }}

{}_HOST_MODULE("0.1.0", create, destroy, TENON_SERIAL_INSTANCE)
)",
                      upper);
  return text;
}

std::string print_rust_bodies(const HostModel& model) {
  const CNames names = name_c_functions(model);
  std::string text = fmt::format(R"(//! The functions of {}. An error, or a panic, of one is a trap.

mod tenon_host;

use std::ffi::c_void;
use tenon_host::*;

/// One instance: what `create` makes, and `own` of the functions.
struct Host {{
    api: *const Api,
}}

fn not_written(function: &str) -> Result<(), String> {{
    Err(format!("`{{function}}` is not written yet"))
}}
)",
                                 model.name);
  for (const CFunction& one : names.functions)
    text += fmt::format(R"(
/// {}
unsafe extern "C" fn {}(
    own: *mut c_void,
    call: *mut Call,
    _args: *const Value,
    _nargs: usize,
    _result: *mut Value,
) -> i32 {{
    let host = &*own.cast::<Host>();
    guarded(host.api, call, || not_written("{}"))
}}
)",
                        one.function->wit, one.name, shown_name(*one.function));
  for (const CResource& one : names.resources)
    text += fmt::format("\nunsafe extern \"C\" fn {}(_own: *mut c_void, _rep: *mut c_void) {{}}\n",
                        one.drop);
  text += R"(
unsafe extern "C" fn create(
    api: *const Api,
    _config: *const Config,
    call: *mut Call,
    own: *mut *mut c_void,
) -> i32 {
    guarded(api, call, || {
        *own = Box::into_raw(Box::new(Host { api })).cast();
        Ok(())
    })
}

unsafe extern "C" fn destroy(own: *mut c_void) {
    drop(Box::from_raw(own.cast::<Host>()));
}

// With the hash of each function's type.
)";
  text += fmt::format("static FUNCTIONS: [FunctionEntry; {}] = [\n", names.functions.size());
  for (const CFunction& one : names.functions)
    text += fmt::format(
        "    FunctionEntry {{\n        interface: c\"{}\".as_ptr(),\n        name: "
        "c\"{}\".as_ptr(),\n        function: {},\n        signature: 0x{:016x},\n        flags: "
        "0,\n"
        "    }},\n",
        one.interface->table_name, one.function->table_name, one.name, one.function->signature);
  text += fmt::format("];\nstatic RESOURCES: [ResourceEntry; {}] = [\n", names.resources.size());
  for (const CResource& one : names.resources)
    text += fmt::format(
        "    ResourceEntry {{\n        interface: c\"{}\".as_ptr(),\n        name: "
        "c\"{}\".as_ptr(),\n        drop: {},\n    }},\n",
        one.interface->table_name, one.resource->label, one.drop);
  text += fmt::format(R"(];

#[no_mangle]
pub extern "C" fn tenon_host_module_v1() -> *const Module {{
    static MODULE: Module = Module {{
        size: std::mem::size_of::<Module>(),
        abi_major: ABI_MAJOR,
        abi_minor: ABI_MINOR,
        threading: SERIAL_INSTANCE,
        name: c"{}".as_ptr(),
        version: c"0.1.0".as_ptr(),
        create: Some(create),
        destroy: Some(destroy),
        functions: FUNCTIONS.as_ptr(),
        function_count: FUNCTIONS.len(),
        resources: RESOURCES.as_ptr(),
        resource_count: RESOURCES.len(),
    }};
    &MODULE
}}
)",
                      model.name);
  return text;
}

}  // namespace tenon::bindgen

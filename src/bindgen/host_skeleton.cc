// make_host_skeleton: the folder that `tenon host new` writes, a host bundle that builds, in which
// every function ends the call with a message that it is not written yet. The files are templates
// from src/bindgen/skeleton, which are embedded in the library.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindgen/bindgen.h"
#include "bindgen/code_text.h"
#include "bindgen/cpp_types.h"
#include "bindgen/host_header.h"
#include "bindgen/host_model.h"
#include "host/bundle_world.h"
#include "support/embedded_texts.h"
#include "support/files.h"
#include "support/try.h"
#include "wit/settings.h"

namespace tenon::bindgen {

namespace {

// "prepared-statement" -> "PreparedStatement"
std::string camel_name(std::string_view label) {
  std::string name;
  bool is_first = true;
  for (const char c : snake_words(label)) {
    if (c == '_') {
      is_first = true;
      continue;
    }
    name += is_first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    is_first = false;
  }
  return name;
}

// Within generated text. Written apart, so that tools that look for includes of this file skip it.
constexpr std::string_view kInclude = "#include";

// first: the index of the first parameter to print; 1 for methods, whose object is `this`.
std::string print_cpp_member(const HostModel& model, CppTypes& cpp, const HostFunction& function,
                             std::size_t first) {
  const types::Function& type = model.types.functions[function.function];
  std::vector<std::string> params;
  for (std::size_t i = first; i < type.params.size(); ++i)
    params.push_back(fmt::format("{} /*{}*/", cpp.spell_param(type.params[i].type, kOutside),
                                 snake_name(type.params[i].label)));
  if (type.is_async)
    params.push_back(fmt::format("{} /*done*/", cpp.spell_completion(type, kOutside)));
  const std::string result = type.is_async ? "void" : cpp.spell_result(type, kOutside);
  std::string head =
      fmt::format("  {} {}({}) override {{", result, function.name, fmt::join(params, ", "));
  if (head.size() > kLineWidth)
    head = fmt::format("  {}\n  {}({}) override {{", result, function.name,
                       fmt::join(params, ",\n      "));
  return fmt::format("  // {}\n{}\n    not_written(\"{}\");\n  }}\n", function.wit, head,
                     shown_name(function));
}

// The source files. The C++ and C ones include the generated header; the Rust one has the tables
// too, over skeleton/tenon_host.rs.
std::string print_cpp_bodies(const HostModel& model) {
  CppTypes cpp(model);
  std::string text = fmt::format(
      R"(// The functions of {0}. An exception that leaves one is a trap, with the exception's text.
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
  // Can throw, or return tenon::expected<std::unique_ptr<Instance>, std::string>.
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

/* One instance: `create` makes it, and the functions get it as `self`. */
typedef struct {{
  const tenon_host_api *api;
}} host;

static int32_t not_written(void *self, tenon_call *call, const char *function) {{
  return ((host *)self)->api->trap(call, "`%s` is not written yet", function);
}}
)",
                                 model.name, model.snake, kInclude);
  for (const CFunction& row : names.functions)
    text += fmt::format(R"(
/* {} */
static int32_t {}(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                  tenon_value *result) {{
  (void)args, (void)nargs, (void)result;
  return not_written(self, call, "{}");
}}
)",
                        row.function->wit, row.name, shown_name(*row.function));
  for (const CResource& row : names.resources)
    text += fmt::format(
        "\nstatic void {}(void *self, void *rep) {{\n  (void)self, (void)rep;\n}}\n", row.drop);
  text += fmt::format(R"(
static int32_t create(const tenon_host_api *api, const tenon_config *config, tenon_call *call,
                      void **self) {{
  host *instance = calloc(1, sizeof(host));
  (void)config;
  if (instance == NULL) return api->trap(call, "out of memory");
  instance->api = api;
  *self = instance;
  return 0;
}}

static void destroy(void *self) {{ free(self); }}

{}_HOST_MODULE("0.1.0", create, destroy, TENON_SERIAL_INSTANCE)
)",
                      macro_name(model.snake));
  return text;
}

std::string print_rust_bodies(const HostModel& model) {
  const CNames names = name_c_functions(model);
  std::string text = fmt::format(R"(//! The functions of {}. An error or a panic in one is a trap.

mod tenon_host;

use std::ffi::c_void;
use tenon_host::*;

/// One instance: `create` makes it, and the functions get it as `own`.
struct Host {{
    api: *const Api,
}}

fn not_written(function: &str) -> Result<(), String> {{
    Err(format!("`{{function}}` is not written yet"))
}}
)",
                                 model.name);
  for (const CFunction& row : names.functions)
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
                        row.function->wit, row.name, shown_name(*row.function));
  for (const CResource& row : names.resources)
    text += fmt::format("\nunsafe extern \"C\" fn {}(_own: *mut c_void, _rep: *mut c_void) {{}}\n",
                        row.drop);
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

// Each row has a hash of the function's type, which the host compares with the WIT.
)";
  text += fmt::format("static FUNCTIONS: [FunctionEntry; {}] = [\n", names.functions.size());
  for (const CFunction& row : names.functions)
    text += fmt::format(
        "    FunctionEntry {{\n        interface: c\"{}\".as_ptr(),\n        name: "
        "c\"{}\".as_ptr(),\n        function: {},\n        signature: 0x{:016x},\n        flags: "
        "0,\n"
        "    }},\n",
        row.interface->table_name, row.function->table_name, row.name, row.function->signature);
  text += fmt::format("];\nstatic RESOURCES: [ResourceEntry; {}] = [\n", names.resources.size());
  for (const CResource& row : names.resources)
    text += fmt::format(
        "    ResourceEntry {{\n        interface: c\"{}\".as_ptr(),\n        name: "
        "c\"{}\".as_ptr(),\n        drop: {},\n    }},\n",
        row.interface->table_name, row.resource->label, row.drop);
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

// How deep a folder of WIT is copied: it has `deps`, which has a folder for each package.
constexpr int kWitDepth = 3;

// A template of src/bindgen/skeleton.
std::string fill(std::string_view name, const TemplateValues& values) {
  return fill_template(embedded_text(fmt::format("src/bindgen/skeleton/{}", name)), values);
}

bool is_wit(std::string_view name) { return name.ends_with(".wit") || name.ends_with(".wasm"); }

Result<void> copy_file(const Files& files, const std::string& path, std::string to,
                       std::vector<GeneratedFile>& output) {
  TENON_TRY(const Bytes bytes, read_file(files, path, NamedBy::User));
  output.push_back({std::move(to), std::string(bytes.begin(), bytes.end())});
  return {};
}

Result<void> copy_folder(const Files& files, const std::string& folder, const std::string& to,
                         int depth, std::vector<GeneratedFile>& output) {
  TENON_TRY(const std::vector<std::string> names, files.list(folder));
  for (const std::string& name : names) {
    const std::string path = join_path(folder, name);
    const FileKind kind = files.find_kind(path);
    if (kind == FileKind::File && is_wit(name))
      TENON_TRY_VOID(copy_file(files, path, join_path(to, name), output));
    if (kind == FileKind::Folder && depth > 1)
      TENON_TRY_VOID(copy_folder(files, path, join_path(to, name), depth - 1, output));
  }
  return {};
}

// Returns the value of `wit` in host.toml.
Result<std::string> copy_wit(const Files& files, const std::string& path,
                             std::vector<GeneratedFile>& output) {
  if (files.find_kind(path) == FileKind::Folder) {
    TENON_TRY_VOID(copy_folder(files, path, "wit", kWitDepth, output));
    return std::string("wit");
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  TENON_TRY_VOID(copy_file(files, path, "wit/" + name, output));
  return name.ends_with(".wit") ? std::string("wit") : "wit/" + name;
}

struct LanguageTexts {
  std::string_view source;    // the file with the bodies
  std::string_view library;   // the file that is built
  std::string_view build;     // the commands that build it
  std::string_view again;     // the command to run when the WIT has changed
  std::string_view language;  // CMake's name of the language
  std::string_view standard;  // CMake's name of its version
};

// `@SNAKE@` stands for the bundle's name in C, such as `my_db`, and `@NAME@` for `my-db`.
const LanguageTexts& texts_of(HostLanguage language) {
  static constexpr LanguageTexts kC = {
      "src/@SNAKE@.c",
      "lib/lib@SNAKE@_host.so",
      "cmake -S . -B build && cmake --build build",
      "tenon bindgen host-c --wit @WIT@@FLAG@ --name @NAME@ -o gen",
      "C",
      "c_std_11"};
  static constexpr LanguageTexts kCpp = {
      "src/@SNAKE@.cc",
      "lib/lib@SNAKE@_host.so",
      "cmake -S . -B build && cmake --build build",
      "tenon bindgen host-cpp --wit @WIT@@FLAG@ --name @NAME@ -o gen",
      "CXX",
      "cxx_std_20"};
  static constexpr LanguageTexts kRust = {
      "src/lib.rs",
      "target/release/lib@SNAKE@_host.so",
      "cargo build --release",
      "tenon bindgen host-c --wit @WIT@@FLAG@ --name @NAME@ -o -",
      "",
      ""};
  switch (language) {
    case HostLanguage::C:
      return kC;
    case HostLanguage::Cpp:
      return kCpp;
    case HostLanguage::Rust:
      return kRust;
  }
  return kC;
}

// Copies of the headers of tenon that the bundle needs, so that it builds where tenon is not
// installed. The C ABI is one header; the generated C++ header needs the glue too.
void add_tenon_headers(HostLanguage language, std::vector<GeneratedFile>& output) {
  std::vector<std::string_view> headers = {"include/tenon/tenon_host.h"};
  if (language == HostLanguage::Cpp) {
    headers.emplace_back("include/tenon/host_glue.h");
    headers.emplace_back("include/tenon/detail/host_streams.h");
    headers.emplace_back("include/tenon/detail/host_values.h");
  }
  for (const std::string_view header : headers)
    output.push_back({std::string(header), std::string(embedded_text(header))});
}

Result<void> add_code(const HostModel& model, HostLanguage language, const TemplateValues& values,
                      std::vector<GeneratedFile>& output) {
  const std::string header = fmt::format("gen/{}_host.h", model.snake);
  switch (language) {
    case HostLanguage::C:
      output.push_back({header, print_host_c(model)});
      output.push_back({fmt::format("src/{}.c", model.snake), print_c_bodies(model)});
      break;
    case HostLanguage::Cpp: {
      TENON_TRY(std::string text, print_host_cpp(model));
      output.push_back({header, std::move(text)});
      output.push_back({fmt::format("src/{}.cc", model.snake), print_cpp_bodies(model)});
      break;
    }
    case HostLanguage::Rust:
      output.push_back({"Cargo.toml", fill("Cargo.toml.in", values)});
      output.push_back({"src/lib.rs", print_rust_bodies(model)});
      output.push_back({"src/tenon_host.rs", fill("tenon_host.rs", {})});
      return {};
  }
  output.push_back({"CMakeLists.txt", fill("CMakeLists.txt.in", values)});
  add_tenon_headers(language, output);
  return {};
}

// The keys of host.toml that select what the bundle provides.
std::string print_world_keys(const BindgenOptions& options) {
  std::string text;
  if (!options.world.empty()) text += fmt::format("world = \"{}\"\n", options.world);
  if (options.offers != WorldSide::Auto)
    text += fmt::format("offers = \"{}\"\n", host::side_name(options.offers));
  if (options.features.all || !options.features.names.empty())
    text += wit::print_features(options.features) + "\n";
  return text;
}

}  // namespace

Result<GeneratedCode> make_host_skeleton(const BindgenOptions& options, HostLanguage language) {
  const RealFiles files;
  TENON_TRY(HostModel model, read_host_model(files, options));
  std::vector<GeneratedFile> output;
  TENON_TRY(const std::string wit, copy_wit(files, options.wit, output));
  const LanguageTexts& texts = texts_of(language);
  const std::string_view source = texts.source;
  const TemplateValues values = {
      {"@LIB@", std::string(texts.library)},
      {"@SOURCE@", std::string(source)},
      {"@BUILD@", std::string(texts.build)},
      {"@AGAIN@", std::string(texts.again)},
      {"@BINDGEN@", std::string(texts.again.substr(texts.again.find(' ') + 1))},
      {"@CHANGE@", language == HostLanguage::Rust
                       ? "prints the functions and hashes of a changed WIT"
                       : "updates the generated header after a change of the WIT"},
      {"@SUFFIX@", std::string(source.substr(source.rfind('.') + 1))},
      {"@CMAKE_LANGUAGE@", std::string(texts.language)},
      {"@CMAKE_STANDARD@", std::string(texts.standard)},
      {"@WORLD@", print_world_keys(options)},
      {"@FLAG@", host::print_world_flags(options.world, options.offers, options.features)},
      {"@WIT@", wit},
      {"@NAME@", model.name},
      {"@SNAKE@", model.snake}};
  output.push_back({"host.toml", fill("host.toml.in", values)});
  output.push_back({"README.md", fill("README.md.in", values)});
  output.push_back({".gitignore", language == HostLanguage::Rust ? "target/\n" : "build/\nlib/\n"});
  TENON_TRY_VOID(add_code(model, language, values, output));
  return GeneratedCode{.files = std::move(output), .notes = std::move(model.notes)};
}

}  // namespace tenon::bindgen

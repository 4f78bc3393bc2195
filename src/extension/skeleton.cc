// make_extension_skeleton of include/tenon/extension.h, the work of `tenon ext new`. The files are
// templates from src/extension/skeleton, which are embedded in the library.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extension/manifest.h"
#include "extension/policy.h"
#include "registry/source.h"
#include "support/diagnostics.h"
#include "support/embedded_texts.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/extension.h"
#include "types/print_type.h"

namespace tenon {

namespace {

// Keywords of Rust and C++, and names that generated code uses. Generated code makes namespaces of
// the parts of a package name, so these cannot be among them. Sorted.
constexpr auto kReservedWords = std::to_array<std::string_view>({
    "abstract", "alignas",  "alignof",  "and",       "as",      "asm",       "async",    "auto",
    "await",    "become",   "bitand",   "bitor",     "bool",    "box",       "break",    "case",
    "catch",    "char",     "class",    "compl",     "concept", "const",     "continue", "crate",
    "decltype", "default",  "delete",   "do",        "double",  "dyn",       "else",     "enum",
    "explicit", "export",   "extern",   "false",     "final",   "float",     "fn",       "for",
    "friend",   "gen",      "goto",     "if",        "impl",    "import",    "in",       "inline",
    "int",      "let",      "long",     "loop",      "macro",   "match",     "mod",      "module",
    "move",     "mut",      "mutable",  "namespace", "new",     "noexcept",  "not",      "nullptr",
    "operator", "or",       "override", "priv",      "private", "protected", "pub",      "public",
    "ref",      "register", "requires", "return",    "self",    "short",     "signed",   "sizeof",
    "static",   "std",      "struct",   "super",     "switch",  "template",  "this",     "throw",
    "trait",    "true",     "try",      "type",      "typedef", "typeid",    "typename", "typeof",
    "union",    "unsafe",   "unsigned", "unsized",   "use",     "using",     "virtual",  "void",
    "volatile", "where",    "while",    "wit",       "xor",     "yield",
});
static_assert(std::ranges::is_sorted(kReservedWords));

// Folders that cargo creates where it also puts the program, so a program cannot have their names.
constexpr auto kCargoFolders =
    std::to_array<std::string_view>({"build", "deps", "examples", "incremental"});

// One file of the skeleton. In both paths, and in the strings below, `@NAME@` stands for the name of
// the extension, and `@SNAKE@` for the name with `_` instead of `-`.
struct FileRow {
  std::string_view path;
  std::string_view from;  // a template in src/extension/skeleton
};

constexpr FileRow kWit = {"wit/@NAME@.wit", "lib.wit"};
constexpr std::array kCCommand = {FileRow{"Makefile", "c/command.mk"},
                                  FileRow{"src/@NAME@.c", "c/command.c"}};
constexpr FileRow kCommandWit = {"wit/@NAME@.wit", "command.wit"};
constexpr std::array kCUser = {FileRow{"Makefile", "c/lib.mk"}, kCommandWit,
                               FileRow{"src/@NAME@.c", "c/command.c"}};
constexpr std::array kCLib = {FileRow{"Makefile", "c/lib.mk"}, kWit,
                              FileRow{"src/@NAME@.c", "c/lib.c"}};
constexpr std::array kCppCommand = {FileRow{"Makefile", "cpp/command.mk"},
                                    FileRow{"src/@NAME@.cc", "cpp/command.cc"}};
constexpr std::array kCppUser = {FileRow{"Makefile", "cpp/lib.mk"}, kCommandWit,
                                 FileRow{"src/@NAME@.cc", "cpp/command.cc"}};
constexpr std::array kCppLib = {FileRow{"Makefile", "cpp/lib.mk"}, kWit,
                                FileRow{"src/@NAME@.cc", "cpp/lib.cc"}};
constexpr std::array kRustCommand = {FileRow{"Cargo.toml", "rust/command.toml"},
                                     FileRow{"src/main.rs", "rust/command.rs"}};
constexpr std::array kRustUser = {FileRow{"Cargo.toml", "rust/command.toml"}, kCommandWit,
                                  FileRow{"src/main.rs", "rust/command.rs"}};
constexpr std::array kRustLib = {FileRow{"Cargo.toml", "rust/lib.toml"}, kWit,
                                 FileRow{"src/lib.rs", "rust/lib.rs"}};
constexpr std::array kJsCommand = {
    FileRow{"package.json", "js/command.json"}, FileRow{"wit/@NAME@.wit", "js/command.wit"},
    FileRow{"wit/deps/cli.wit", "js/cli.wit"}, FileRow{"src/@NAME@.js", "js/command.js"}};
constexpr std::array kJsLib = {FileRow{"package.json", "js/lib.json"}, kWit,
                               FileRow{"src/@NAME@.js", "js/lib.js"}};

struct Skeleton {
  std::span<const FileRow> files;  // the last one is the source file that users edit
  std::string_view component;      // the path of the built component
};

struct LanguageTexts {
  Skeleton command;
  Skeleton user;  // a command that imports libraries
  Skeleton library;
  std::string_view build;                   // commands
  std::string_view ignored;                 // the content of .gitignore
  std::string_view needs;                   // tools that a build needs, for the README
  std::string_view needs_of_bindings = {};  // of a library, and of a command that imports one
  std::string_view variable = {};  // the compiler in a Makefile: its variable, and its name
  std::string_view compiler = {};
};

const LanguageTexts& texts_of(ExtensionLanguage language) {
  static constexpr std::string_view kSdk =
      "The build needs [wasi-sdk](https://github.com/WebAssembly/wasi-sdk) in /opt/wasi-sdk, or "
      "in the folder\nthat `WASI_SDK_PATH` names. Without it, it takes clang, wasi-libc and the "
      "linker of "
      "Rust. On Debian:\n`apt-get install make clang-19 wasi-libc libclang-rt-19-dev-wasm32 "
      "libc++-19-dev-wasm32\nlibc++abi-19-dev-wasm32 rust-web-llvm`.";
  static constexpr std::string_view kBindings =
      " It generates `gen` from the WIT with `wit-bindgen`: `cargo install wit-bindgen-cli`.";
  static constexpr LanguageTexts kC = {
      .command = {kCCommand, "@NAME@.wasm"},
      .user = {kCUser, "@NAME@.wasm"},
      .library = {kCLib, "@NAME@.wasm"},
      .build = "make",
      .ignored = "*.wasm\ngen/\n",
      .needs = kSdk,
      .needs_of_bindings = kBindings,
      .variable = "CC",
      .compiler = "clang",
  };
  static constexpr LanguageTexts kCpp = {
      .command = {kCppCommand, "@NAME@.wasm"},
      .user = {kCppUser, "@NAME@.wasm"},
      .library = {kCppLib, "@NAME@.wasm"},
      .build = "make",
      .ignored = "*.wasm\ngen/\n",
      .needs = kSdk,
      .needs_of_bindings = kBindings,
      .variable = "CXX",
      .compiler = "clang++",
  };
  static constexpr LanguageTexts kRust = {
      .command = {kRustCommand, "target/wasm32-wasip2/release/@NAME@.wasm"},
      .user = {kRustUser, "target/wasm32-wasip2/release/@NAME@.wasm"},
      .library = {kRustLib, "target/wasm32-wasip2/release/@SNAKE@.wasm"},
      // Also if CARGO_TARGET_DIR is set, or in a workspace.
      .build = "cargo build --release --target wasm32-wasip2 --target-dir target",
      .ignored = "target/\n",
      .needs = "The build needs the target `wasm32-wasip2`: `rustup target add wasm32-wasip2`.",
  };
  static constexpr LanguageTexts kJavaScript = {
      .command = {kJsCommand, "@NAME@.wasm"},
      .user = {kJsCommand, "@NAME@.wasm"},
      .library = {kJsLib, "@NAME@.wasm"},
      .build = "npm install && npm run build",
      .ignored = "*.wasm\nnode_modules/\n",
      .needs = "The build needs Node and npm, which downloads the compiler.",
  };
  switch (language) {
    case ExtensionLanguage::C:
      return kC;
    case ExtensionLanguage::Cpp:
      return kCpp;
    case ExtensionLanguage::Rust:
      return kRust;
    case ExtensionLanguage::JavaScript:
      return kJavaScript;
  }
  return kC;
}

Diagnostic refuse_name(std::string_view name, std::string_view why) {
  Diagnostic problem =
      make_diagnostic(Code::ConfigUsage, "`{}` cannot be the name of a new extension: {}",
                      sanitize_text(name), why);
  problem.hints.emplace_back(
      "use a name like `square`, or `acme:square` with a namespace for its WIT package");
  return problem;
}

std::string snake_name(std::string_view label) {
  std::string snake(label);
  std::ranges::replace(snake, '-', '_');
  return snake;
}

// Values whose own text contains other placeholders come first.
TemplateValues make_values(const registry::PackageName& package, const LanguageTexts& texts,
                           const Skeleton& skeleton, ExtensionKind kind,
                           const std::vector<UsedLibrary>& uses) {
  constexpr std::string_view kCrate =
      "[dependencies]\nwit-bindgen = { version = \"0.63\", default-features = false, "
      "features = [\"macros\", \"realloc\"] }\n\n";
  const bool is_library = kind == ExtensionKind::Library;
  const std::string space = snake_name(package.space);
  const std::string name = snake_name(package.name);
  const bool has_bindings = is_library || !uses.empty();
  std::string imports;
  // A row must name an import of the component, which has only those that its source uses.
  std::string dependencies =
      uses.empty() ? "" : "\n[dependencies]\n# Remove the `#` when the source calls the library:\n";
  std::string used;
  for (const UsedLibrary& library : uses) {
    const std::size_t at = std::min(library.interface.find('@'), library.interface.size());
    const std::string path = library.interface.substr(0, at);
    const std::string version =
        library.interface.substr(std::min(at + 1, library.interface.size()));
    imports += fmt::format("  import {};\n", library.interface);
    dependencies += fmt::format("# \"{}\" = \"{}\"\n", path, version.empty() ? "*" : "^" + version);
    used += fmt::format("{}`{}`", used.empty() ? ". It imports " : ", ", path);
  }
  return {
      {"@COMPILER@", std::string(embedded_text("src/extension/skeleton/compiler.mk.in"))},
      {"@CLANG@", std::string(texts.compiler)},
      {"@CC@", std::string(texts.variable)},
      {"@IMPORTS@", imports},
      {"@DEPENDENCIES@", dependencies},
      {"@MODEL@", is_library ? " -mexec-model=reactor" : ""},
      {"@CRATES@", std::string(has_bindings ? kCrate : "")},
      {"@BINDINGS@", uses.empty() ? ""
                                  : "wit_bindgen::generate!({ world: \"extension\", path: "
                                    "\"wit\", generate_all });\n\n"},
      {"@GENERATE@", uses.empty() ? "" : ", generate_all"},
      {"@ABOUT@",
       (is_library ? "a library; other extensions import `@PACKAGE@/lib`" : "a command") + used},
      {"@SECTION@", is_library ? "[libraries]\nprovides = [\"@PACKAGE@/lib\"]"
                               : "[command]\nexport = \"wasi:cli/run\""},
      {"@USE@",
       is_library ? "tenon ext call @NAME@ 'lib.greet(\"you\")'" : "tenon ext run @NAME@ you"},
      {"@NEEDS@", fmt::format("{}{}", texts.needs, has_bindings ? texts.needs_of_bindings : "")},
      {"@BUILD@", std::string(texts.build)},
      {"@COMPONENT@", std::string(skeleton.component)},
      {"@SOURCE@", std::string(skeleton.files.back().path)},
      {"@WIT@",
       fmt::format("{}:{}", types::print_label(package.space), types::print_label(package.name))},
      {"@PACKAGE@", registry::print_package_name(package)},
      {"@C_PACKAGE@", fmt::format("{}_{}", space, name)},
      {"@SCOPES@", fmt::format("{}::{}", space, name)},
      {"@SNAKE@", name},
      {"@NAME@", package.name}};
}

// The WIT of a component has a package `root:component` for its world. Two of them in a folder must have
// different names.
std::string rename_root(std::string text, std::string_view provider) {
  constexpr std::string_view kRoot = "package root:component;";
  if (text.starts_with(kRoot))
    text.replace(0, kRoot.size(), fmt::format("package deps:{};", types::print_label(provider)));
  return text;
}

// The WIT package of an extension: "acme:square", or "square:square" for "square".
Result<registry::PackageName> choose_package(std::string_view name, ExtensionKind kind,
                                             ExtensionLanguage language) {
  const std::size_t colon = name.find(':');
  const registry::PackageName package = {
      .space = std::string(name.substr(0, colon)),
      .name = std::string(name.substr(colon == name.npos ? 0 : colon + 1))};
  if (!extension::is_extension_name(package.name))
    return refuse_name(name, extension::kExtensionNameRule);
  for (const std::string& label : {package.space, package.name}) {
    if (!registry::is_label(label))
      return refuse_name(
          name, fmt::format("the parts of a WIT package name are {}", registry::kLabelRule));
    if (kind == ExtensionKind::Library && std::ranges::binary_search(kReservedWords, label))
      return refuse_name(name, fmt::format("`{}` is a reserved word in Rust or C++", label));
  }
  if (kind == ExtensionKind::Command && language == ExtensionLanguage::Rust &&
      std::ranges::find(kCargoFolders, package.name) != kCargoFolders.end())
    return refuse_name(name, "cargo creates a folder of that name next to the program");
  const std::string library = registry::print_package_name(package) + "/lib";
  if (kind == ExtensionKind::Library && extension::is_host_interface(library))
    return refuse_name(name, fmt::format("`{}` would be an interface of the host", library));
  return package;
}

}  // namespace

Result<std::vector<GeneratedFile>> make_extension_skeleton(std::string_view name,
                                                           ExtensionKind kind,
                                                           ExtensionLanguage language,
                                                           const std::vector<UsedLibrary>& uses) {
  TENON_TRY(const registry::PackageName package, choose_package(name, kind, language));
  const LanguageTexts& texts = texts_of(language);
  const Skeleton& skeleton = kind == ExtensionKind::Library ? texts.library
                             : uses.empty()                 ? texts.command
                                                            : texts.user;
  const TemplateValues values = make_values(package, texts, skeleton, kind, uses);
  const auto fill = [&](std::string_view from) {
    return fill_template(embedded_text(fmt::format("src/extension/skeleton/{}.in", from)), values);
  };
  std::vector<GeneratedFile> files = {{"extension.toml", fill("extension.toml")},
                                      {"README.md", fill("README.md")},
                                      {".gitignore", std::string(texts.ignored)}};
  for (const FileRow& row : skeleton.files)
    files.push_back({fill_template(row.path, values), fill(row.from)});
  for (const UsedLibrary& library : uses)
    files.push_back({fmt::format("wit/deps/{0}/{0}.wit", library.provider),
                     rename_root(library.wit, library.provider)});
  return files;
}

}  // namespace tenon

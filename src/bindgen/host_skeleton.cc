#include "bindgen/host_skeleton.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "bindgen/host_c.h"
#include "bindgen/host_cpp.h"
#include "bindgen/skeleton_code.h"
#include "support/embedded_texts.h"
#include "support/try.h"

namespace tenon::bindgen {

namespace {

// Folders in a folder of WIT: `deps`, and one for each package in it.
constexpr int kWitDepth = 3;

// A template of src/bindgen/skeleton.
std::string fill(std::string_view name, const TemplateValues& values) {
  return fill_template(embedded_text(fmt::format("src/bindgen/skeleton/{}", name)), values);
}

bool is_wit(std::string_view name) { return name.ends_with(".wit") || name.ends_with(".wasm"); }

Result<void> copy_file(const Files& files, const std::string& path, std::string to,
                       std::vector<GeneratedFile>& made) {
  TENON_TRY(const Bytes bytes, read_file(files, path, NamedBy::User));
  made.push_back({std::move(to), std::string(bytes.begin(), bytes.end())});
  return {};
}

Result<void> copy_folder(const Files& files, const std::string& folder, const std::string& to,
                         int depth, std::vector<GeneratedFile>& made) {
  TENON_TRY(const std::vector<std::string> names, files.list(folder));
  for (const std::string& name : names) {
    const std::string path = join_path(folder, name);
    const FileKind kind = files.find_kind(path);
    if (kind == FileKind::File && is_wit(name))
      TENON_TRY_VOID(copy_file(files, path, join_path(to, name), made));
    if (kind == FileKind::Folder && depth > 1)
      TENON_TRY_VOID(copy_folder(files, path, join_path(to, name), depth - 1, made));
  }
  return {};
}

// Gives what `wit` of the manifest says.
Result<std::string> copy_wit(const Files& files, const std::string& path,
                             std::vector<GeneratedFile>& made) {
  if (files.find_kind(path) == FileKind::Folder) {
    TENON_TRY_VOID(copy_folder(files, path, "wit", kWitDepth, made));
    return std::string("wit");
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  TENON_TRY_VOID(copy_file(files, path, "wit/" + name, made));
  return name.ends_with(".wit") ? std::string("wit") : "wit/" + name;
}

struct LanguageTexts {
  std::string_view source;    // folder and ending of the file with the bodies
  std::string_view library;   // where it is built
  std::string_view build;     // commands
  std::string_view again;     // what follows a change of the WIT
  std::string_view language;  // of CMake
  std::string_view standard;  // of CMake
};

// In them `@SNAKE@` stands for the bundle's name, `@NAME@` for the same with `-`.
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

Result<void> add_code(const HostModel& model, HostLanguage language, const TemplateValues& values,
                      std::vector<GeneratedFile>& made) {
  const std::string header = fmt::format("gen/{}_host.h", model.snake);
  switch (language) {
    case HostLanguage::C:
      made.push_back({header, print_host_c(model)});
      made.push_back({fmt::format("src/{}.c", model.snake), print_c_bodies(model)});
      break;
    case HostLanguage::Cpp: {
      TENON_TRY(std::string text, print_host_cpp(model));
      made.push_back({header, std::move(text)});
      made.push_back({fmt::format("src/{}.cc", model.snake), print_cpp_bodies(model)});
      break;
    }
    case HostLanguage::Rust:
      made.push_back({"Cargo.toml", fill("Cargo.toml.in", values)});
      made.push_back({"src/lib.rs", print_rust_bodies(model)});
      made.push_back({"src/tenon_host.rs", fill("tenon_host.rs", {})});
      return {};
  }
  made.push_back({"CMakeLists.txt", fill("CMakeLists.txt.in", values)});
  made.push_back(
      {"include/tenon/tenon_host.h", std::string(embedded_text("include/tenon/tenon_host.h"))});
  return {};
}

}  // namespace

Result<std::vector<GeneratedFile>> print_host_skeleton(const HostModel& model,
                                                       const BindgenOptions& options,
                                                       HostLanguage language, const Files& files) {
  std::vector<GeneratedFile> made;
  TENON_TRY(const std::string wit, copy_wit(files, options.wit, made));
  const LanguageTexts& texts = texts_of(language);
  const std::string_view source = texts.source;
  const TemplateValues values = {
      {"@LIB@", std::string(texts.library)},
      {"@SOURCE@", std::string(source)},
      {"@BUILD@", std::string(texts.build)},
      {"@AGAIN@", std::string(texts.again)},
      {"@BINDGEN@", std::string(texts.again.substr(texts.again.find(' ') + 1))},
      {"@CHANGE@", language == HostLanguage::Rust
                       ? "prints the functions and hashes of a WIT that changed"
                       : "follows a change of the WIT"},
      {"@SUFFIX@", std::string(source.substr(source.rfind('.') + 1))},
      {"@CMAKE_LANGUAGE@", std::string(texts.language)},
      {"@CMAKE_STANDARD@", std::string(texts.standard)},
      {"@WORLD@",
       options.world.empty() ? std::string() : fmt::format("world = \"{}\"\n", options.world)},
      {"@FLAG@", options.world.empty() ? std::string() : fmt::format(" --world {}", options.world)},
      {"@WIT@", wit},
      {"@NAME@", model.name},
      {"@SNAKE@", model.snake}};
  made.push_back({"host.toml", fill("host.toml.in", values)});
  made.push_back({"README.md", fill("README.md.in", values)});
  made.push_back({".gitignore", language == HostLanguage::Rust ? "target/\n" : "build/\nlib/\n"});
  TENON_TRY_VOID(add_code(model, language, values, made));
  return made;
}

}  // namespace tenon::bindgen

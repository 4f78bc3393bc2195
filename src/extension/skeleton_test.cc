#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <string>

#include "extension/manifest.h"
#include "support/diagnostics.h"
#include "tenon/extension.h"
#include "tenon/inspect.h"

namespace tenon::extension::skeleton_test {
namespace {

using testing::HasSubstr;

constexpr ExtensionLanguage kLanguages[] = {ExtensionLanguage::C, ExtensionLanguage::Cpp,
                                            ExtensionLanguage::Rust, ExtensionLanguage::JavaScript};

std::map<std::string, std::string> files_of(std::string_view name, ExtensionKind kind,
                                            ExtensionLanguage language) {
  const auto skeleton = make_extension_skeleton(name, kind, language);
  EXPECT_TRUE(skeleton) << name;
  std::map<std::string, std::string> files;
  if (skeleton)
    for (const GeneratedFile& file : *skeleton) files[file.path] = file.text;
  return files;
}

Manifest manifest_of(const std::map<std::string, std::string>& files) {
  const auto read =
      parse_extension_manifest(files.at("extension.toml"), "extension.toml", version());
  EXPECT_TRUE(read);
  return read ? *read : Manifest();
}

std::string refusal(std::string_view name, ExtensionKind kind) {
  const auto skeleton = make_extension_skeleton(name, kind, ExtensionLanguage::C);
  return skeleton ? "" : skeleton.error().front().message;
}

TEST(ExtensionSkeleton, HasAManifestForItsComponent) {
  for (const ExtensionLanguage language : kLanguages) {
    const Manifest command = manifest_of(files_of("my-tool", ExtensionKind::Command, language));
    EXPECT_EQ(command.name, "my-tool");
    EXPECT_THAT(command.component, HasSubstr("my-tool.wasm"));
    EXPECT_TRUE(command.command && !command.provides);
    const Manifest library = manifest_of(files_of("a:my-lib", ExtensionKind::Library, language));
    EXPECT_EQ(library.name, "my-lib");
    EXPECT_FALSE(library.command);
    EXPECT_EQ(library.provides->front().text, "a:my-lib/lib");
  }
}

TEST(ExtensionSkeleton, FillsEveryTemplate) {
  const std::regex unfilled("@[A-Z_]+@");
  for (const ExtensionLanguage language : kLanguages)
    for (const ExtensionKind kind : {ExtensionKind::Command, ExtensionKind::Library})
      for (const auto& [path, text] : files_of("acme:my-tool", kind, language)) {
        EXPECT_FALSE(std::regex_search(path, unfilled)) << path;
        EXPECT_FALSE(std::regex_search(text, unfilled)) << path << ": " << text;
      }
}

TEST(ExtensionSkeleton, ImportsLibraries) {
  const std::vector<UsedLibrary> uses = {
      {"acme:words/lib@0.2.0", "words", "package root:component;\n\nworld root {}\n"},
      {"acme:math/lib@1.0.0", "multiply", "package acme:math;\n"}};
  const std::regex unfilled("@[A-Z_]+@");
  for (const ExtensionLanguage language : kLanguages)
    for (const ExtensionKind kind : {ExtensionKind::Command, ExtensionKind::Library}) {
      const auto skeleton = make_extension_skeleton("asker", kind, language, uses);
      ASSERT_TRUE(skeleton);
      std::map<std::string, std::string> files;
      for (const GeneratedFile& file : *skeleton) {
        EXPECT_FALSE(std::regex_search(file.text, unfilled)) << file.path << ": " << file.text;
        files[file.path] = file.text;
      }
      EXPECT_THAT(files.at("wit/asker.wit"), HasSubstr("  import acme:words/lib@0.2.0;\n"
                                                       "  import acme:math/lib@1.0.0;\n"));
      EXPECT_THAT(files.at("wit/deps/words/words.wit"), HasSubstr("package deps:words;"));
      EXPECT_EQ(files.at("wit/deps/multiply/multiply.wit"), "package acme:math;\n");
      std::string& manifest = files.at("extension.toml");
      EXPECT_THAT(manifest, HasSubstr("# \"acme:words/lib\" = \"^0.2.0\"\n"));
      manifest = std::regex_replace(manifest, std::regex("# \"acme"), "\"acme");
      EXPECT_EQ(manifest_of(files).dependencies.size(), 2U);
      if (language == ExtensionLanguage::C || language == ExtensionLanguage::Cpp) {
        EXPECT_THAT(files.at("Makefile"), HasSubstr("wit-bindgen"));
      } else if (language == ExtensionLanguage::Rust) {
        EXPECT_THAT(files.at("Cargo.toml"), HasSubstr("wit-bindgen = {"));
      }
    }
}

TEST(ExtensionSkeleton, NamesAWitPackage) {
  const auto wit_of = [](std::string_view name) {
    return files_of(name, ExtensionKind::Library, ExtensionLanguage::C);
  };
  EXPECT_THAT(wit_of("square").at("wit/square.wit"), HasSubstr("package square:square@0.1.0;"));
  EXPECT_THAT(wit_of("acme:square").at("wit/square.wit"), HasSubstr("package acme:square@0.1.0;"));
  // A keyword of WIT.
  EXPECT_THAT(wit_of("list").at("wit/list.wit"), HasSubstr("package %list:%list@0.1.0;"));
  EXPECT_THAT(wit_of("acme:my-lib").at("src/my-lib.c"), HasSubstr("exports_acme_my_lib_lib_greet"));
}

TEST(ExtensionSkeleton, RejectsUnusableNames) {
  for (const char* const name : {"", "Square", "a_b", "wasi", "program", "1a", "a:b:c", "../a"})
    EXPECT_THAT(refusal(name, ExtensionKind::Command), HasSubstr("the name of an extension"));
  for (const char* const name : {"a--b", "a-", "a-1", ":a", "A:a", "a/b:a"})
    EXPECT_THAT(refusal(name, ExtensionKind::Command),
                HasSubstr("the parts of a WIT package name are"))
        << name;
  for (const char* const name : {"match", "class", "std", "new:a"}) {
    EXPECT_THAT(refusal(name, ExtensionKind::Library),
                HasSubstr("is a reserved word in Rust or C++"));
    EXPECT_EQ(refusal(name, ExtensionKind::Command), "");
  }
  EXPECT_FALSE(make_extension_skeleton("build", ExtensionKind::Command, ExtensionLanguage::Rust));
  EXPECT_EQ(refusal("build", ExtensionKind::Command), "");
  for (const char* const name : {"tenon", "wasi:clock", "tenon:sql"})
    EXPECT_THAT(refusal(name, ExtensionKind::Library), HasSubstr("an interface of the host"));
}

}  // namespace
}  // namespace tenon::extension::skeleton_test

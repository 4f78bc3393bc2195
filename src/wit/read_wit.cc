#include "wit/read_wit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "binary/read_component.h"
#include "engine/wat.h"
#include "engine/wit_text.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "wit/package_docs.h"

namespace tenon::wit {

namespace {

// The name of the world that stands for the type of a component, as in `wasm-tools component wit`.
constexpr std::string_view kOwnWorld = "root";

Result<WitPackage> evaluate(std::span<const std::uint8_t> bytes, types::Types& types) {
  TENON_TRY(const binary::Component component, binary::read_component(bytes));
  WitPackage package;
  if (types::is_wit_package(component)) {
    TENON_TRY(package.types, types::evaluate_wit_package(component, types));
    package.docs = read_package_docs(bytes, component, package.types);
    return package;
  }
  TENON_TRY(types::ComponentType type, types::evaluate_component(component, types));
  package.types.worlds.push_back({std::string(kOwnWorld), std::move(type)});
  return package;
}

Diagnostic unknown_feature(const std::string& file, const std::string& name,
                           const std::vector<std::string>& known) {
  Diagnostic problem = make_diagnostic(Code::WitFeature, "nothing in `{}` is gated by `{}`",
                                       sanitize_text(file), sanitize_text(name));
  problem.where.file = file;
  problem.where.item = name;
  problem.hints.push_back(suggest_name(name, known, "features"));
  return problem;
}

// A file of WIT, and the number of its package (engine::WitSource).
struct WitFile {
  std::string path;
  std::uint32_t package = 0;
};

bool is_text_file(const Files& files, const std::string& path) {
  return path.ends_with(".wit") && files.find_kind(path) != FileKind::Folder;
}

// The files in a folder, and those of its `deps`: a package is a folder or a file there. Other files
// are ignored, and so are the folders of a package in `deps`.
Result<std::vector<WitFile>> find_sources(const Files& files, const std::string& path) {
  if (files.find_kind(path) != FileKind::Folder) return std::vector<WitFile>{{path, 0}};
  std::vector<WitFile> sources;
  const auto add_folder = [&](const std::string& folder, std::uint32_t package) -> Result<void> {
    TENON_TRY(const std::vector<std::string> names, files.list(folder));
    for (const std::string& name : names)
      if (std::string file = join_path(folder, name); is_text_file(files, file))
        sources.push_back({std::move(file), package});
    return {};
  };
  TENON_TRY_VOID(add_folder(path, 0));
  const std::string dependencies = join_path(path, "deps");
  if (files.find_kind(dependencies) != FileKind::Folder) return sources;
  TENON_TRY(const std::vector<std::string> names, files.list(dependencies));
  std::uint32_t package = 0;
  for (const std::string& name : names) {
    std::string entry = join_path(dependencies, name);
    ++package;
    if (files.find_kind(entry) == FileKind::Folder)
      TENON_TRY_VOID(add_folder(entry, package));
    else if (name.ends_with(".wit") || name.ends_with(".wasm") || name.ends_with(".wat"))
      sources.push_back({std::move(entry), package});
  }
  return sources;
}

Result<engine::WitSource> read_source(const Files& files, const WitFile& file) {
  engine::WitSource source{.file = file.path, .bytes = {}, .package = file.package};
  if (file.path.ends_with(".wasm")) {
    TENON_TRY(source.bytes, read_file(files, file.path, NamedBy::File));
    return source;
  }
  TENON_TRY(const std::string text, read_text_file(files, file.path, NamedBy::File));
  if (file.path.ends_with(".wat")) {
    TENON_TRY(source.bytes, engine::wat_to_wasm(file.path, text));
  } else {
    source.bytes.assign(text.begin(), text.end());
  }
  return source;
}

Result<engine::EncodedWit> encode(const std::string& file,
                                  std::span<const engine::WitSource> sources,
                                  const WitOptions& options) {
  Result<engine::EncodedWit> encoded = engine::encode_wit(sources, options.features, options.world);
  if (!encoded) return place_problems(std::move(encoded).error(), file);
  return encoded;
}

Result<WitPackage> read_text(const std::string& file, std::span<const engine::WitSource> sources,
                             const WitOptions& options, types::Types& types) {
  TENON_TRY(const engine::EncodedWit encoded, encode(file, sources, options));
  TENON_TRY_VOID(check_features(file, options.features, encoded.features));
  return evaluate_wit(file, encoded, types);
}

Result<std::vector<engine::WitSource>> read_sources(const Files& files, const std::string& path) {
  if (files.find_kind(path) == FileKind::Missing) return missing_path(files, path);
  TENON_TRY(const std::vector<WitFile> found, find_sources(files, path));
  if (found.empty() || found.front().package != 0) {
    Diagnostic problem =
        make_diagnostic(Code::WitSyntax, "there are no `.wit` files in `{}`", sanitize_text(path));
    problem.where.file = path;
    problem.hints.emplace_back("name a folder or file of WIT text");
    return problem;
  }
  std::vector<engine::WitSource> sources;
  Diagnostics problems;
  for (const WitFile& file : found) {
    Result<engine::WitSource> source = read_source(files, file);
    if (source)
      sources.push_back(*std::move(source));
    else
      problems.insert(problems.end(), source.error().begin(), source.error().end());
  }
  if (!problems.empty()) return problems;
  return sources;
}

Result<WitPackage> read_binary(const Files& files, const std::string& path, NamedBy named_by,
                               const WitOptions& options, types::Types& types) {
  TENON_TRY(const Bytes bytes, read_file(files, path, named_by));
  TENON_TRY_VOID(refuse_features(path, options.features));
  return evaluate(bytes, types);
}

}  // namespace

const Location* WitPackage::find_position(const std::string& path) const {
  const auto position = positions.find(path);
  return position == positions.end() ? nullptr : &position->second;
}

std::string_view WitPackage::find_docs(const std::string& path) const {
  const auto found = docs.find(path);
  return found == docs.end() ? std::string_view() : found->second;
}

const engine::LeftOutItem* WitPackage::find_left_out(std::string_view path) const {
  const auto item = std::ranges::find(left_out, path, &engine::LeftOutItem::path);
  return item == left_out.end() ? nullptr : &*item;
}

bool is_wit_text(const Files& files, const std::string& path) {
  return path.ends_with(".wit") || files.find_kind(path) == FileKind::Folder;
}

Result<std::vector<std::string>> find_wit_files(const Files& files, const std::string& path) {
  TENON_TRY(std::vector<WitFile> sources, find_sources(files, path));
  std::vector<std::string> paths;
  for (WitFile& source : sources) paths.push_back(std::move(source.path));
  return paths;
}

Result<void> check_features(const std::string& file, const WitFeatures& features,
                            const std::vector<std::string>& known) {
  Diagnostics problems;
  for (const std::string& name : features.names)
    if (std::ranges::find(known, name) == known.end())
      problems.push_back(unknown_feature(file, name, known));
  if (!problems.empty()) return problems;
  return {};
}

Result<void> refuse_features(const std::string& path, const WitFeatures& features) {
  if (features.names.empty()) return {};
  Diagnostic problem = make_diagnostic(
      Code::WitFeature, "`{}` is a binary, whose features were chosen when it was encoded",
      sanitize_text(path));
  problem.where.file = path;
  problem.hints.emplace_back("name the WIT text that it was made from, or no features");
  return problem;
}

Result<engine::EncodedWit> encode_wit(const Files& files, const std::string& path,
                                      const WitOptions& options) {
  TENON_TRY(const std::vector<engine::WitSource> sources, read_sources(files, path));
  return encode(path, sources, options);
}

Result<WitPackage> evaluate_wit(const std::string& file, const engine::EncodedWit& encoded,
                                types::Types& types) {
  WitPackage package;
  package.file = file;
  TENON_TRY(const binary::Component component, binary::read_component(encoded.binary));
  TENON_TRY(package.types, types::evaluate_wit_package(component, types));
  package.types.name = encoded.package;  // also of a package without items
  for (const engine::WitItem& item : encoded.items) {
    Location where;
    where.file = item.file;
    where.item = item.path;
    where.line = item.line;
    where.column = item.column;
    package.positions.emplace(item.path, std::move(where));
    if (!item.docs.empty()) package.docs.emplace(item.path, item.docs);
  }
  for (const std::string& world : encoded.worlds)
    if (package.types.find_world(world) == nullptr) package.other_worlds.push_back(world);
  package.left_out = encoded.left_out;
  package.keyword_names = encoded.keyword_names;
  return package;
}

Result<WitPackage> read_wit(const Files& files, const std::string& path, NamedBy named_by,
                            const WitOptions& options, types::Types& types) {
  const auto read = [&]() -> Result<WitPackage> {
    if (!is_wit_text(files, path)) return read_binary(files, path, named_by, options, types);
    TENON_TRY(const std::vector<engine::WitSource> sources, read_sources(files, path));
    return read_text(path, sources, options, types);
  };
  Result<WitPackage> package = read();
  if (package) {
    package->file = path;
    package->set_by = options.set_by;
    return package;
  }
  for (Diagnostic& problem : package.error())
    if (problem.where.file.empty()) problem.where.file = path;
  return package;
}

Result<WitPackage> read_wit_text(const std::string& file, std::string_view text,
                                 const WitOptions& options, types::Types& types) {
  const engine::WitSource source{.file = file, .bytes = {text.begin(), text.end()}};
  TENON_TRY(WitPackage package, read_text(file, {&source, 1}, options, types));
  package.set_by = options.set_by;
  return package;
}

}  // namespace tenon::wit

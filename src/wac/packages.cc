#include "wac/packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "binary/read_component.h"
#include "engine/code.h"
#include "engine/wat.h"
#include "engine/wit_text.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/evaluate.h"
#include "wit/read_wit.h"

namespace tenon::wac {

namespace {

// The folder of packages beside the file, or else in the working folder.
constexpr std::string_view kPackageFolder = "deps";

// The number of characters is counted in parts of this many bytes.
constexpr std::size_t kPartBytes = 4096;

// Whether a byte begins a character of UTF-8.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

}  // namespace

Source::Source(std::string path, std::string content)
    : file(std::move(path)), text(std::move(content)), lines_{0} {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % kPartBytes == 0) characters_.push_back(characters);
    if (begins_character(text[i])) ++characters;
    if (text[i] == '\n') lines_.push_back(i + 1);
  }
}

std::size_t Source::count_characters(std::size_t end) const {
  if (end >= text.size() && end % kPartBytes == 0)
    return end == 0 ? 0 : count_characters(end - 1) + 1;
  const std::size_t part = end / kPartBytes;
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(part * kPartBytes);
  return characters_[part] +
         static_cast<std::size_t>(std::count_if(
             begin, text.begin() + static_cast<std::ptrdiff_t>(end), begins_character));
}

Location Source::where(Span span) const {
  const std::size_t begin = std::min(span.begin, text.size());
  const auto line = std::ranges::upper_bound(lines_, begin) - 1;
  Location location;
  location.file = file;
  location.line = static_cast<std::uint32_t>(line - lines_.begin() + 1);
  location.column =
      static_cast<std::uint32_t>(count_characters(begin) - count_characters(*line) + 1);
  return location;
}

Diagnostic Source::place(Diagnostic problem, Span span) const {
  problem.where.file = file;
  show_place(problem, text, span.begin, span.end);
  return problem;
}

Packages::Packages(const Files& files, const WacOptions& options, const Source& source,
                   types::Types& types)
    : files_(files), features_(options.features), source_(source), types_(types) {
  const std::string beside = std::filesystem::path(source.file).parent_path().string();
  folders_ = options.folder.empty() ? std::vector<std::string>{join_path(beside, kPackageFolder)}
                                    : std::vector<std::string>{options.folder};
  if (options.folder.empty() && !beside.empty()) folders_.emplace_back(kPackageFolder);
  for (const auto& [package, path] : options.packages) given_.insert_or_assign(package, path);
}

std::optional<std::string> Packages::find_path(const PackageName& package) const {
  if (const auto given = given_.find(package.text()); given != given_.end()) return given->second;
  std::string name = package.name;
  std::ranges::replace(name, ':', '/');
  if (!package.version.empty()) name += "/" + package.version;
  for (const std::string& folder : folders_) {
    std::string path = join_path(folder, name);
    if (files_.find_kind(path) == FileKind::Folder) return path;
    for (const std::string_view extension : {".wat", ".wasm"})
      if (files_.find_kind(path + std::string(extension)) != FileKind::Missing)
        return path + std::string(extension);
  }
  return std::nullopt;
}

NamedBy Packages::named_by(const PackageName& package) const {
  return given_.contains(package.text()) ? NamedBy::User : NamedBy::File;
}

Diagnostic Packages::missing(const PackageName& package) const {
  Diagnostic problem = source_.place(
      make_diagnostic(Code::WacPackage, "there is no package `{}`", package.text()), package.span);
  std::string name = package.name;
  std::ranges::replace(name, ':', '/');
  if (!package.version.empty()) name += "/" + package.version;
  for (const std::string& folder : folders_)
    problem.notes.push_back(
        {fmt::format("`{}.wasm` does not exist", join_path(folder, name)), {}, {}});
  std::vector<std::string> names;
  for (const auto& [given, path] : given_) names.push_back(given);
  std::string near = did_you_mean(near_misses(package.text(), names));
  if (!near.empty()) problem.hints.push_back(std::move(near));
  problem.hints.push_back(fmt::format("name its file: `--dep {}=FILE`", package.text()));
  return problem;
}

Result<const Component*> Packages::find_component(const PackageName& package) {
  const auto known = components_.find(package.text());
  if (known != components_.end()) return &known->second;
  const std::optional<std::string> path = find_path(package);
  if (!path) return missing(package);
  Component component{.path = *path, .bytes = {}, .type = {}};
  const auto read = [&]() -> Result<bool> {
    if (wit::is_wit_text(files_, *path)) return false;
    TENON_TRY(Bytes bytes, engine::read_component_file(files_, *path, named_by(package)));
    component.bytes = std::make_shared<const Bytes>(std::move(bytes));
    TENON_TRY(const binary::Component content, binary::read_component(*component.bytes));
    if (types::is_wit_package(content)) return false;
    TENON_TRY(component.type, types::evaluate_component(content, types_));
    return true;
  };
  const Result<bool> is_component = read();
  if (!is_component) {
    Diagnostics problems = place_problems(is_component.error(), *path);
    const Location where = source_.where(package.span);
    problems.front().notes.push_back({.text = fmt::format("`{}` is instantiated in {}:{}",
                                                          package.text(), where.file, where.line),
                                      .excerpt = {},
                                      .related = where});
    return problems;
  }
  if (!*is_component) {
    Diagnostic problem = source_.place(
        make_diagnostic(Code::WacPackage,
                        "`{}` is a WIT package and not a component, so it has no instances",
                        package.text()),
        package.span);
    problem.notes.push_back({fmt::format("it is read from `{}`", *path), {}, {}});
    problem.hints.push_back(fmt::format("name a component: `--dep {}=FILE`", package.text()));
    return problem;
  }
  return &components_.emplace(package.text(), std::move(component)).first->second;
}

Result<const Wit*> Packages::find_wit(const PackageName& package) {
  if (const auto known = wit_.find(package.text()); known != wit_.end()) return &known->second;
  TENON_TRY(Wit wit, read_wit(package));
  return &wit_.emplace(package.text(), std::move(wit)).first->second;
}

Result<engine::EncodedWit> Packages::encode_wit(std::string_view text) {
  TENON_TRY(engine::EncodedWit encoded, engine::encode_wit_text(source_.file, text, features_));
  known_features_.insert(known_features_.end(), encoded.features.begin(), encoded.features.end());
  return encoded;
}

Result<void> Packages::check_features() const {
  std::vector<std::string> known = known_features_;
  std::ranges::sort(known);
  const auto repeated = std::ranges::unique(known);
  known.erase(repeated.begin(), repeated.end());
  return wit::check_features(source_.file, features_, known);
}

Result<Wit> Packages::read_wit(const PackageName& package) {
  const std::optional<std::string> path = find_path(package);
  if (!path) {
    for (const engine::WasiTrack track : {engine::WasiTrack::Wasi02, engine::WasiTrack::Wasi03})
      for (const engine::WasiPackage& wasi : engine::wasi_packages(track))
        if (wasi.name == package.text())
          return Wit{.binary = {wasi.binary.begin(), wasi.binary.end()}, .package = {}};
    return missing(package);
  }
  if (wit::is_wit_text(files_, *path)) {
    TENON_TRY(engine::EncodedWit encoded, wit::encode_wit(files_, *path, {.features = features_}));
    known_features_.insert(known_features_.end(), encoded.features.begin(), encoded.features.end());
    TENON_TRY(wit::WitPackage text, wit::evaluate_wit(*path, encoded, types_));
    return Wit{.binary = std::move(encoded.binary), .package = std::move(text)};
  }
  Result<Bytes> bytes = engine::read_component_file(files_, *path, named_by(package));
  if (!bytes) return place_problems(std::move(bytes).error(), *path);
  const Result<binary::Component> content = binary::read_component(*bytes);
  if (!content) return place_problems(content.error(), *path);
  if (types::is_wit_package(*content)) {
    Wit wit{.binary = *std::move(bytes), .package = {}};
    wit.package.file = *path;
    return wit;
  }
  // Only a valid binary is known to be a component.
  if (Result<void> valid = engine::validate_component(*bytes); !valid)
    return place_problems(std::move(valid).error(), *path);
  Diagnostic problem = source_.place(
      make_diagnostic(Code::WacPackage,
                      "`{}` is a component, and only a WIT package has interfaces and worlds of "
                      "its own",
                      package.text()),
      package.span);
  problem.notes.push_back({fmt::format("it is read from `{}`", *path), {}, {}});
  problem.hints.emplace_back("name an interface of a WIT package, or write the type in place");
  return problem;
}

}  // namespace tenon::wac

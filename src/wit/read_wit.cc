#include "wit/read_wit.h"

#include <fmt/format.h>

#include <utility>

#include "binary/read_component.h"
#include "engine/wit_text.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"

namespace tenon::wit {

namespace {

// The name of the world that stands for the type of a component, as in `wasm-tools component wit`.
constexpr std::string_view kOwnWorld = "root";

Result<types::WitPackageTypes> evaluate(std::span<const std::uint8_t> bytes, types::Types& types) {
  TENON_TRY(const binary::Component component, binary::read_component(bytes));
  if (types::is_wit_package(component)) return types::evaluate_wit_package(component, types);
  types::WitPackageTypes package;
  TENON_TRY(types::ComponentType type, types::evaluate_component(component, types));
  package.worlds.push_back({std::string(kOwnWorld), std::move(type)});
  return package;
}

Result<WitPackage> read_encoded(const engine::EncodedWit& encoded, types::Types& types) {
  WitPackage package;
  TENON_TRY(package.types, evaluate(encoded.binary, types));
  for (const engine::WitItem& item : encoded.items) {
    Location where;
    where.file = item.file;
    where.item = item.path;
    where.line = item.line;
    where.column = item.column;
    package.positions.emplace(item.path, std::move(where));
  }
  return package;
}

// The engine's parser opens the files itself. So check them first: none may be a pipe, which could
// block, or larger than the limit for text.
Result<void> check_files(const Files& files, const std::string& path) {
  TENON_TRY(const std::vector<std::string> texts, find_wit_files(files, path));
  Diagnostics problems;
  for (const std::string& file : texts)
    if (const Result<std::string> text = read_text_file(files, file, NamedBy::File); !text)
      problems.insert(problems.end(), text.error().begin(), text.error().end());
  if (!problems.empty()) return problems;
  return {};
}

Result<WitPackage> read_binary(const Files& files, const std::string& path, NamedBy named_by,
                               types::Types& types) {
  TENON_TRY(const Bytes bytes, read_file(files, path, named_by));
  WitPackage package;
  TENON_TRY(package.types, evaluate(bytes, types));
  return package;
}

}  // namespace

const Location* WitPackage::find_position(const std::string& path) const {
  const auto position = positions.find(path);
  return position == positions.end() ? nullptr : &position->second;
}

bool is_wit_text(const Files& files, const std::string& path) {
  return path.ends_with(".wit") || files.find_kind(path) == FileKind::Folder;
}

Result<std::vector<std::string>> find_wit_files(const Files& files, const std::string& path) {
  if (files.find_kind(path) != FileKind::Folder) return std::vector<std::string>{path};
  std::vector<std::string> texts;
  TENON_TRY(const std::vector<std::string> names, files.list(path));
  for (const std::string& name : names) {
    const std::string entry = join_path(path, name);
    if (name == "deps" && files.find_kind(entry) == FileKind::Folder) {
      TENON_TRY(const std::vector<std::string> packages, files.list(entry));
      for (const std::string& package : packages) {
        TENON_TRY(const std::vector<std::string> inner,
                  find_wit_files(files, join_path(entry, package)));
        texts.insert(texts.end(), inner.begin(), inner.end());
      }
    } else if (name.ends_with(".wit")) {
      texts.push_back(entry);
    }
  }
  return texts;
}

Result<engine::EncodedWit> encode_wit(const Files& files, const std::string& path) {
  TENON_TRY_VOID(check_files(files, path));
  return engine::encode_wit(path);
}

Result<WitPackage> read_wit(const Files& files, const std::string& path, NamedBy named_by,
                            types::Types& types) {
  const auto read_text = [&]() -> Result<WitPackage> {
    TENON_TRY(const engine::EncodedWit encoded, encode_wit(files, path));
    return read_encoded(encoded, types);
  };
  Result<WitPackage> package =
      is_wit_text(files, path) ? read_text() : read_binary(files, path, named_by, types);
  if (package) {
    package->file = path;
    return package;
  }
  for (Diagnostic& problem : package.error())
    if (problem.where.file.empty()) problem.where.file = path;
  return package;
}

Result<WitPackage> read_wit_text(const std::string& file, std::string_view text,
                                 types::Types& types) {
  TENON_TRY(const engine::EncodedWit encoded, engine::encode_wit_text(file, text));
  TENON_TRY(WitPackage package, read_encoded(encoded, types));
  package.file = file;
  return package;
}

Result<const types::NamedWorld*> find_world(const WitPackage& package, std::string_view name) {
  const std::vector<types::NamedWorld>& worlds = package.types.worlds;
  if (name.empty() && worlds.size() == 1) return &worlds.front();
  if (!name.empty()) {
    if (const types::NamedWorld* world = package.types.find_world(name)) return world;
  }
  std::vector<std::string> names;
  for (const types::NamedWorld& world : worlds) {
    const std::size_t slash = world.name.find('/');
    names.push_back(world.name.substr(slash + 1, world.name.find('@') - slash - 1));
  }
  Diagnostic problem =
      names.empty() ? make_diagnostic(Code::WitWorldMissing, "`{}` has no world", package.file)
      : name.empty()
          ? make_diagnostic(Code::WitWorldMissing, "`{}` has {} worlds: name one of them",
                            package.file, names.size())
          : make_diagnostic(Code::WitWorldMissing, "`{}` has no world `{}`", package.file, name);
  problem.where.file = package.file;
  problem.where.item = std::string(name);
  if (!names.empty())
    problem.notes.push_back({fmt::format("worlds: {}", fmt::join(names, ", ")), {}, {}});
  const auto near = near_misses(name, std::span<const std::string>(names));
  if (!near.empty())
    problem.hints.push_back(did_you_mean(near));
  else if (names.empty())
    problem.hints.push_back("name a WIT file or folder that declares a world");
  else
    problem.hints.push_back(fmt::format("choose a world: `--world {}`", names.front()));
  return problem;
}

}  // namespace tenon::wit

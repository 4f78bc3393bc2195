// The types of a file, and what is wrong with it.
#include "pact/package_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "binary/read_component.h"
#include "binary/read_module.h"
#include "engine/wat.h"
#include "packr/graph_format.h"
#include "packr/guest_names.h"
#include "packr/interface_hash.h"
#include "packr/metadata.h"
#include "packr/metadata_bytes.h"
#include "packr/package_module.h"
#include "packr/package_types.h"
#include "packr/value_bytes.h"
#include "pact/package.h"
#include "pact/text.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/evaluate.h"
#include "types/print_type.h"
#include "wit/read_wit.h"

namespace tenon::pact {

namespace {

using packr::PackageFunctionType;
using packr::PackageTypes;

struct PackFile {
  FileTypes::Kind kind = FileTypes::Kind::Text;  // never Component: that is told by its content
  Bytes bytes;

  [[nodiscard]] std::string text() const { return {bytes.begin(), bytes.end()}; }
};

Result<PackFile> open_file(const Files& files, const std::string& path) {
  TENON_TRY(Bytes bytes, read_file(files, path, NamedBy::User));
  PackFile file{FileTypes::Kind::Text, std::move(bytes)};
  if (path.ends_with(".wat")) {
    file.kind = FileTypes::Kind::Package;
    TENON_TRY(file.bytes, engine::wat_to_wasm(path, file.text()));
    return file;
  }
  constexpr std::array<std::uint8_t, 4> kWasm = {0, 'a', 's', 'm'};
  const auto begins_with = [&](const std::array<std::uint8_t, 4>& magic) {
    return file.bytes.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), file.bytes.begin());
  };
  if (path.ends_with(".wasm") || begins_with(kWasm))
    file.kind = FileTypes::Kind::Package;
  else if (begins_with(packr::kGraphMagic))
    file.kind = FileTypes::Kind::Metadata;
  return file;
}

Result<packr::PackageModule> read_module(const Bytes& bytes) {
  if (binary::is_core_module(bytes)) return packr::read_package_module(bytes);
  Diagnostic problem = make_diagnostic(
      Code::PackModule, "expected a packr package, found a file that is not a core module");
  problem.hints.emplace_back("`tenon inspect` shows what it is");
  return problem;
}

// The bytes of the metadata of a package or a file of metadata.
Result<Bytes> read_metadata_of(const PackFile& file) {
  if (file.kind == FileTypes::Kind::Metadata) return file.bytes;
  TENON_TRY(const packr::PackageModule module, read_module(file.bytes));
  TENON_TRY(std::optional<Bytes> metadata, packr::get_metadata(file.bytes, module));
  if (metadata) return *std::move(metadata);
  Diagnostic problem =
      make_diagnostic(Code::PackMetadata, "the package has no metadata, so its types are unknown");
  problem.hints.emplace_back("`tenon inspect` lists what its module imports and exports");
  return problem;
}

// Texts that a text uses are in its folder.
Result<Source> read_source(const Files& files, const std::string& from, const std::string& name) {
  const std::string path =
      (std::filesystem::path(from).parent_path() / name).lexically_normal().string();
  TENON_TRY(const Bytes bytes, files.read(path, kMaxTextBytes + 1, NamedBy::User));
  return Source{path, {bytes.begin(), bytes.end()}};
}

Result<std::unique_ptr<const Model>> open_text(const Files& files, const PackFile& file,
                                               const std::string& path,
                                               const WitFeatures& features) {
  TENON_TRY(std::unique_ptr<const Model> model,
            Model::open(
                {path, file.text()},
                [&](const std::string& from, const std::string& name) {
                  return read_source(files, from, name);
                },
                features));
  std::set<std::string> known;
  for (const auto& text : model->files())
    known.insert(text->gates.features.begin(), text->gates.features.end());
  TENON_TRY_VOID(wit::check_features(path, features, {known.begin(), known.end()}));
  return model;
}

Diagnostics make_gated_notes(const Model& model) {
  Diagnostics notes;
  for (const auto& text : model.files()) {
    std::vector<const engine::LeftOutItem*> items;
    for (const engine::LeftOutItem& item : text->gates.left_out) items.push_back(&item);
    if (!items.empty())
      notes.push_back(wit::make_gated_note(text->source.name, wit::SetBy::Flags, items));
  }
  return notes;
}

// Functions as the normal form has them.
std::vector<std::string> print_functions(const std::vector<Item>& items) {
  std::vector<std::string> texts;
  for (const Item& item : items) {
    if (item.kind == Item::Kind::Function) texts.push_back(print_function(item.function));
    for (const FunctionDecl& function : item.functions) texts.push_back(print_function(function));
  }
  return texts;
}

// texts: of the functions, in their order.
std::vector<FileTypes::Interface> show_interfaces(const std::vector<PackageFunctionType>& functions,
                                                  const std::vector<std::string>& texts) {
  std::vector<FileTypes::Interface> interfaces;
  for (const packr::MetadataHash& hash : packr::hash_interfaces(functions)) {
    FileTypes::Interface& interface = interfaces.emplace_back();
    interface.name = hash.interface;
    interface.digest = engine::show_sha256(hash.hash);
    for (std::size_t i = 0; i < functions.size(); ++i)
      if (functions[i].interface == hash.interface)
        interface.functions.push_back(
            {functions[i].name, texts[i], engine::show_sha256(packr::hash_function(functions[i]))});
  }
  return interfaces;
}

void add_sides(const PackageTypes& types, FileTypes& shown) {
  for (const Diagnostic& problem : packr::check_component_types(types))
    shown.notes.push_back(problem.message);
  const Scope scope = make_pact(types);
  shown.imports = show_interfaces(types.imports, print_functions(scope.imports));
  shown.exports = show_interfaces(types.exports, print_functions(scope.exports));
  if (shown.kind != FileTypes::Kind::Text) shown.text = print_pact(scope);
}

Result<FileTypes> show_text(const Model& model, std::string_view world) {
  FileTypes shown;
  shown.kind = FileTypes::Kind::Text;
  shown.text = print_pact(model.file().root);
  shown.gates = make_gated_notes(model);
  PackageTypes defined;
  TENON_TRY(defined.exports, describe_interfaces(model));
  shown.interfaces = show_interfaces(defined.exports, print_functions(make_pact(defined).exports));
  Result<PackageTypes> types = describe_package(model, world);
  // A text may leave open what a package needs to know, unless a world is requested.
  if (!types && !world.empty()) return std::move(types).error();
  if (types) add_sides(*types, shown);
  return shown;
}

// Functions of a component as a package would have them.
class ComponentDescriber {
 public:
  ComponentDescriber(const types::Types& types, FileTypes& shown) : types_(types), shown_(shown) {}

  std::vector<PackageFunctionType> describe(const std::vector<types::RootItem>& items) {
    std::vector<PackageFunctionType> functions;
    for (const types::RootItem& root : items) {
      if (const auto* function = std::get_if<types::FunctionId>(&root.item))
        add({}, "", root.name, *function, functions);
      const auto* instance = std::get_if<types::InstanceId>(&root.item);
      if (instance == nullptr) continue;
      const types::TypeNames names = types::names_of_instance(types_, *instance);
      for (const types::NamedItem& part : types_.instances[*instance].exports)
        if (const auto* function = std::get_if<types::FunctionId>(&part.item))
          add(names, root.name, part.name, *function, functions);
    }
    return functions;
  }

 private:
  void add(const types::TypeNames& names, const std::string& interface, const std::string& name,
           types::FunctionId id, std::vector<PackageFunctionType>& functions) {
    auto described = packr::describe_function(types_, names.types, interface, name, id);
    if (described) return functions.push_back(*std::move(described));
    shown_.notes.push_back(
        fmt::format("a package cannot have {}: {}",
                    quote_text(interface.empty() ? name : interface + "." + name),
                    described.error().front().message));
  }

  const types::Types& types_;
  FileTypes& shown_;
};

Result<FileTypes> show_component(const Bytes& bytes) {
  TENON_TRY(const binary::Component component, binary::read_component(bytes));
  types::Types types;
  TENON_TRY(const types::ComponentType type, types::evaluate_component(component, types));
  FileTypes shown;
  shown.kind = FileTypes::Kind::Component;
  ComponentDescriber describer(types, shown);
  PackageTypes described;
  described.imports = describer.describe(type.imports);
  described.exports = describer.describe(type.exports);
  add_sides(described, shown);
  return shown;
}

Result<FileTypes> read_types_of(const Files& files, const std::string& path,
                                const wit::WitOptions& options) {
  TENON_TRY(const PackFile file, open_file(files, path));
  if (file.kind == FileTypes::Kind::Text) {
    TENON_TRY(const std::unique_ptr<const Model> model,
              open_text(files, file, path, options.features));
    return show_text(*model, options.world);
  }
  TENON_TRY_VOID(wit::refuse_features(path, options.features));
  if (file.kind == FileTypes::Kind::Package && !binary::is_core_module(file.bytes))
    return show_component(file.bytes);
  FileTypes shown;
  shown.kind = file.kind;
  TENON_TRY(const Bytes metadata, read_metadata_of(file));
  TENON_TRY(const PackageTypes types, packr::read_package_types(metadata));
  add_sides(types, shown);
  return shown;
}

Result<FileMetadata> read_metadata_of(const Files& files, const std::string& path,
                                      const wit::WitOptions& options,
                                      std::optional<packr::GraphVersion> version) {
  TENON_TRY(const PackFile file, open_file(files, path));
  if (file.kind != FileTypes::Kind::Text) {
    TENON_TRY_VOID(wit::refuse_features(path, options.features));
    TENON_TRY(Bytes metadata, read_metadata_of(file));
    TENON_TRY_VOID(packr::read_package_types(metadata));
    return FileMetadata{std::move(metadata), {}};
  }
  TENON_TRY(const std::unique_ptr<const Model> model,
            open_text(files, file, path, options.features));
  TENON_TRY(const PackageTypes types, describe_package(*model, options.world));
  TENON_TRY(Bytes metadata, packr::write_package_types(types, version));
  return FileMetadata{std::move(metadata), make_gated_notes(*model)};
}

// Exports that the metadata names and the module does not have.
Diagnostics check_exports(const packr::PackageModule& module, const PackageTypes& types) {
  Diagnostics problems;
  packr::ExportNames names(module);
  for (const PackageFunctionType& function : types.exports) {
    if (names.take(function.interface, function.name)) continue;
    const std::string lead = function.interface.empty() ? "" : function.interface + ".";
    problems.push_back(make_diagnostic(
        Code::PackMetadata, "its metadata declares the export {}, which the module does not have",
        quote_text(lead + function.name)));
  }
  return problems;
}

std::string count_functions(std::size_t count) {
  return fmt::format("{} function{}", count, count == 1 ? "" : "s");
}

Result<std::string> verify_types(std::string_view what, const PackageTypes& types,
                                 Diagnostics problems) {
  for (Diagnostic& problem : packr::check_hashes(types)) problems.push_back(std::move(problem));
  if (!problems.empty()) return problems;
  return fmt::format("{}: {} imported, {} exported, hashes match", what,
                     count_functions(types.imports.size()), types.exports.size());
}

Result<std::string> verify_package(const PackFile& file) {
  TENON_TRY(const packr::PackageModule module, read_module(file.bytes));
  TENON_TRY(const std::optional<Bytes> metadata, packr::get_metadata(file.bytes, module));
  if (!metadata)
    return fmt::format("packr package without metadata: {} imported, {} exported",
                       count_functions(module.imports.size()), module.exports.size());
  TENON_TRY(const PackageTypes types, packr::read_package_types(*metadata));
  return verify_types("packr package", types, check_exports(module, types));
}

// Metadata is a value like others; the name of its type tells it apart.
Result<std::string> verify_value(const Bytes& bytes) {
  packr::OpenBytes graph;
  TENON_TRY(const packr::NodeView root, graph.open(bytes));
  if (root.kind() != packr::NodeKind::Record || root.record().type_name != "package-metadata")
    return fmt::format("value of {} node{}", graph.node_count(),
                       graph.node_count() == 1 ? "" : "s");
  TENON_TRY(const PackageTypes types, packr::read_package_types(bytes));
  return verify_types("metadata", types, {});
}

Result<std::string> verify_of(const Files& files, const std::string& path) {
  TENON_TRY(const PackFile file, open_file(files, path));
  if (file.kind == FileTypes::Kind::Package) return verify_package(file);
  if (file.kind == FileTypes::Kind::Metadata) return verify_value(file.bytes);
  TENON_TRY(const std::unique_ptr<const Model> model, open_text(files, file, path, {.all = true}));
  TENON_TRY(const std::vector<PackageFunctionType> functions, describe_interfaces(*model));
  return fmt::format("text of an interface language: {}", count_functions(functions.size()));
}

// Names the file in every problem that names none. The readers of binaries give no hints, because
// they do not know where the bytes come from.
template <class T>
Result<T> placed(Result<T> result, const std::string& path) {
  if (result) return result;
  return place_problems(std::move(result).error(), path);
}

}  // namespace

Result<FileTypes> read_file_types(const Files& files, const std::string& path,
                                  const wit::WitOptions& options) {
  return placed(read_types_of(files, path, options), path);
}

Result<FileMetadata> read_file_metadata(const Files& files, const std::string& path,
                                        const wit::WitOptions& options,
                                        std::optional<packr::GraphVersion> version) {
  return placed(read_metadata_of(files, path, options, version), path);
}

Result<std::string> verify_file(const Files& files, const std::string& path) {
  return placed(verify_of(files, path), path);
}

}  // namespace tenon::pact

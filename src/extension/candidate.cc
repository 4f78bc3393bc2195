#include "extension/candidate.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "extension/manifest.h"
#include "linker/inputs.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/safe_path.h"
#include "support/semver.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "support/unit_name.h"
#include "tenon/inspect.h"

namespace tenon::extension {

namespace {

constexpr std::string_view kRun = "wasi:cli/run";

std::vector<std::string> interfaces_of(const std::vector<PlanItem>& items) {
  std::vector<std::string> made;
  for (const PlanItem& item : items)
    if (item.kind == PlanItemKind::Instance && item.name.find('/') != item.name.npos)
      made.push_back(item.name);
  return made;
}

// Types alone need nobody who provides them.
std::vector<std::string> needed_of(std::vector<PlanItem> imports) {
  std::erase_if(imports, [](const PlanItem& item) { return item.functions.empty(); });
  return interfaces_of(imports);
}

// Those near a name, whatever their versions.
std::vector<std::string> near_interfaces(std::string_view name,
                                         const std::vector<std::string>& interfaces) {
  std::vector<std::string> names;
  for (const std::string& one : interfaces) names.emplace_back(base_name(one));
  std::vector<std::string> near;
  for (const std::string_view one :
       near_misses(base_name(name), std::span<const std::string>(names)))
    near.emplace_back(one);
  return near;
}

// The version of all packages whose interfaces it exports, if they agree.
std::optional<std::string> common_version(const std::vector<std::string>& exports) {
  std::optional<std::string> common;
  for (const std::string& name : exports) {
    const std::size_t at = name.find('@');
    if (is_host_interface(name) || at == name.npos) continue;
    const std::string version = name.substr(at + 1);
    if (common && *common != version) return std::nullopt;
    common = version;
  }
  return common && parse_version(*common) ? common : std::nullopt;
}

class Checker final {
 public:
  Checker(const Package& package, const LibraryPolicy& policy)
      : package_(package), policy_(policy) {}

  Result<Candidate> check(std::string_view name, std::string_view sha256) {
    TENON_TRY(const Inspection found, inspect_bytes(package_.file, *package_.bytes));
    made_.digest = found.digest;
    made_.bytes = found.bytes;
    made_.source = package_.source;
    made_.asked = package_.asked;
    if (!sha256.empty() && sha256 != found.digest) complain_digest(sha256);
    if (found.kind != Inspection::Kind::Component) complain_kind(found.kind);
    made_.imports = needed_of(found.imports);
    made_.exports = interfaces_of(found.exports);
    if (package_.manifest_file.empty())
      derive(found);
    else
      TENON_TRY_VOID(read_manifest());
    if (!name.empty()) made_.name = name;
    if (!is_extension_name(made_.name)) complain_name();
    if (!problems_.empty()) return std::move(problems_);
    return Candidate{std::move(made_), package_.bytes};
  }

 private:
  void derive(const Inspection& found) {
    made_.name = package_.name;
    made_.version = found.version && parse_version(*found.version)
                        ? *found.version
                        : common_version(made_.exports).value_or("0.0.0");
    offer_all();
    // What the host alone may provide.
    for (const std::string& import : made_.imports)
      if (!is_wasi_interface(import) && !policy_.allows(import))
        made_.wants.host.emplace_back(base_name(import));
    add_command(std::nullopt);
  }

  Result<void> read_manifest() {
    TENON_TRY(Manifest manifest,
              parse_extension_manifest(package_.manifest, package_.manifest_file, version()));
    made_.name = std::move(manifest.name);
    made_.version = std::move(manifest.version);
    made_.description = std::move(manifest.description);
    made_.license = std::move(manifest.license);
    made_.repository = std::move(manifest.repository);
    made_.authors = std::move(manifest.authors);
    made_.wants = std::move(manifest.wants);
    made_.limits = manifest.limits;
    made_.dependencies = std::move(manifest.dependencies);
    if (manifest.provides)
      offer(*manifest.provides);
    else
      offer_all();
    add_command(manifest.command);
    check_dependencies();
    return {};
  }

  void offer_all() {
    for (const std::string& name : made_.exports)
      if (policy_.allows(name)) made_.libraries.push_back(name);
  }

  // What the manifest says: the exports that it names, and no others.
  void offer(const std::vector<PlacedText>& provides) {
    for (const PlacedText& wanted : provides) {
      const std::string* const found = find_export(wanted.text);
      if (found == nullptr)
        complain_export("provides", wanted.text, wanted.where);
      else if (!policy_.allows(*found))
        complain_rule(*found, wanted.where);
      else
        made_.libraries.push_back(*found);
    }
  }

  // A name with or without its version.
  [[nodiscard]] const std::string* find_export(std::string_view name) const {
    for (const std::string& exported : made_.exports)
      if (exported == name || base_name(exported) == name) return &exported;
    return nullptr;
  }

  void add_command(const std::optional<ExtensionCommand>& wanted) {
    const std::string_view run = wanted ? std::string_view(wanted->exported) : kRun;
    const std::size_t dot = run.rfind('.');
    // "acme:square/cli.run" is a function of an interface; a version has dots, too.
    const bool is_function = dot != run.npos && run.find('@') == run.npos;
    const std::string_view interface = is_function ? run.substr(0, dot) : run;
    if (find_export(interface) != nullptr) {
      made_.command = wanted.value_or(ExtensionCommand());
      return;
    }
    if (wanted)
      complain_export("export", interface,
                      {.file = package_.manifest_file, .unit = {}, .item = {}, .offset = {}});
  }

  void check_dependencies() {
    for (const ExtensionDependency& wanted : made_.dependencies) {
      if (wanted.name.find(':') == wanted.name.npos) continue;
      if (std::ranges::any_of(made_.imports, [&](const std::string& import) {
            return base_name(import) == wanted.name;
          }))
        continue;
      Diagnostic& problem =
          add(Code::ExtManifest, "`{}` is a dependency, and the component does not import it",
              wanted.name);
      problem.where.file = package_.manifest_file;
      for (const std::string& near : near_interfaces(wanted.name, made_.imports))
        problem.notes.push_back({fmt::format("it imports `{}`", near), {}, {}});
      problem.hints.emplace_back("take the row out, or name what is imported");
    }
  }

  void complain_export(std::string_view key, std::string_view name, const Location& where) {
    Diagnostic& problem =
        add(Code::ExtManifest, "`{}` has `{}`, and the component does not export it", key, name);
    problem.where = where;
    for (const std::string& near : near_interfaces(name, made_.exports))
      problem.notes.push_back({fmt::format("it exports `{}`", near), {}, {}});
    problem.hints.push_back(fmt::format("`tenon inspect {}` shows its exports", package_.file));
  }

  void complain_rule(std::string_view name, const Location& where) {
    Diagnostic& problem =
        add(Code::ExtLibraryRule, "`{}` is offered to extensions, and is no library", name);
    problem.where = where;
    for (const std::string& glob : policy_.globs())
      problem.notes.push_back({fmt::format("libraries match `{}`", glob), {}, {}});
    problem.hints.emplace_back(
        "export the functions as an interface `lib`; a manifest can narrow the policy of the "
        "store, "
        "never widen it");
  }

  void complain_digest(std::string_view wanted) {
    Diagnostic& problem =
        add(Code::ExtDigest, "`{}` is not the component that was asked for", package_.source);
    problem.notes.push_back({fmt::format("wanted sha256 {}", wanted), {}, {}});
    problem.notes.push_back({fmt::format("found  sha256 {}", made_.digest), {}, {}});
    problem.hints.emplace_back("if you mean that file, give its digest");
  }

  void complain_kind(Inspection::Kind kind) {
    const bool is_module = kind == Inspection::Kind::CoreModule;
    Diagnostic& problem = add(Code::ExtNotComponent, "`{}` is {}", package_.source,
                              is_module                              ? "a core module"
                              : kind == Inspection::Kind::WitPackage ? "a WIT package"
                                                                     : "a packr package");
    problem.hints.emplace_back(
        is_module
            ? "an extension is a component: build it for wasm32-wasip2, or make one of it with "
              "`wasm-tools component new`"
            : "an extension is a component");
  }

  void complain_name() {
    Diagnostic& problem =
        add(Code::ExtManifest, "`{}` is no name of an extension", sanitize_text(made_.name));
    problem.notes.push_back({std::string(kExtensionNameRule), {}, {}});
    problem.hints.emplace_back("`--name NAME` gives it another");
  }

  template <class... Args>
  Diagnostic& add(Code code, fmt::format_string<Args...> text, Args&&... args) {
    problems_.push_back(
        make_diagnostic(code, "{}", fmt::format(text, std::forward<Args>(args)...)));
    problems_.back().where.file = package_.file;
    return problems_.back();
  }

  const Package& package_;
  const LibraryPolicy& policy_;
  Extension made_;
  Diagnostics problems_;
};

// The component of a folder that its manifest does not name.
Result<std::string> find_component(const Files& files, const std::string& folder) {
  TENON_TRY(const std::vector<std::string> found, find_paths(files, join_path(folder, "*.wasm")));
  if (found.size() == 1) return found.front();
  Diagnostic problem = make_diagnostic(Code::ExtSource, "`{}` has {} components", folder,
                                       found.empty() ? "no" : "several");
  problem.where.file = folder;
  for (const std::string& one : found) problem.notes.push_back({fmt::format("`{}`", one), {}, {}});
  problem.hints.emplace_back("name it in extension.toml: `component = \"x.wasm\"`");
  return problem;
}

// Links of others do not lead out of their folder.
Result<void> check_place(const std::string& folder, const std::string& file) {
  const std::string real = real_path(file);
  if (real.empty() || is_in_folder(real, real_path(folder))) return {};
  Diagnostic problem =
      make_diagnostic(Code::ExtSource, "`{}` leads to `{}`, outside of its folder", file, real);
  problem.where.file = file;
  problem.hints.emplace_back("put the component itself into the folder, not a link that leaves it");
  return problem;
}

}  // namespace

Result<Package> read_package(const Files& files, const std::string& path) {
  Package made;
  made.source = path;
  made.file = path;
  if (files.find_kind(path) == FileKind::Folder) {
    made.manifest_file = join_path(path, kManifestName);
    TENON_TRY(made.manifest, read_text_file(files, made.manifest_file, NamedBy::File));
    TENON_TRY(const Manifest manifest,
              parse_extension_manifest(made.manifest, made.manifest_file, version()));
    if (manifest.component.empty()) {
      TENON_TRY(made.file, find_component(files, path));
    } else {
      made.file = join_path(path, manifest.component);
    }
  }
  if (!made.manifest_file.empty()) TENON_TRY_VOID(check_place(path, made.file));
  const std::string stem = made.file.substr(made.file.rfind('/') + 1);
  made.name = propose_unit_name(stem.substr(0, stem.rfind('.')), "ext");
  const NamedBy named_by = made.manifest_file.empty() ? NamedBy::User : NamedBy::File;
  Result<Bytes> bytes = linker::read_component_file(files, made.file, named_by);
  if (!bytes && !made.manifest_file.empty() && files.find_kind(made.file) == FileKind::Missing)
    bytes.error().front().hints = {
        fmt::format("`{}` names it as the component: build it first", made.manifest_file)};
  if (!bytes) return std::move(bytes).error();
  made.bytes = std::make_shared<const Bytes>(*std::move(bytes));
  return made;
}

Result<Candidate> make_candidate(const Package& package, std::string_view name,
                                 std::string_view sha256, const LibraryPolicy& policy) {
  return Checker(package, policy).check(name, sha256);
}

}  // namespace tenon::extension

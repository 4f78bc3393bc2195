#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "extension/manifest.h"
#include "extension/package.h"
#include "resolve/name_match.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/interface_name.h"

namespace tenon::extension {

namespace {

constexpr std::string_view kRun = "wasi:cli/run";

std::vector<std::string> interfaces_of(const std::vector<PlanItem>& items) {
  std::vector<std::string> names;
  for (const PlanItem& item : items)
    if (item.kind == PlanItemKind::Instance && item.name.find('/') != item.name.npos)
      names.push_back(item.name);
  return names;
}

// The imported interfaces that need a provider: those with functions, not only types.
std::vector<std::string> needed_of(std::vector<PlanItem> imports) {
  std::erase_if(imports, [](const PlanItem& item) { return item.functions.empty(); });
  return interfaces_of(imports);
}

// Near misses of a name among interfaces, ignoring versions.
std::vector<std::string> near_interfaces(std::string_view name,
                                         const std::vector<std::string>& interfaces) {
  std::vector<std::string> names;
  for (const std::string& interface : interfaces) names.emplace_back(base_name(interface));
  std::vector<std::string> near;
  for (const std::string_view match :
       near_misses(base_name(name), std::span<const std::string>(names)))
    near.emplace_back(match);
  return near;
}

// The version that all exported interfaces have in common, if they agree.
std::optional<std::string> common_version(const std::vector<std::string>& exports) {
  std::vector<resolve::ItemNames> names;
  for (const std::string& exported : exports)
    if (Result<types::ItemName> name = types::parse_item_name(exported))
      names.push_back({*std::move(name)});
  return resolve::version_of_exports(names);
}

class PackageChecker final {
 public:
  PackageChecker(const ExtensionPackage& package, const LibraryPolicy& policy)
      : package_(package), policy_(policy) {}

  Result<CheckedPackage> check(std::string_view name, std::string_view sha256) {
    TENON_TRY(const Inspection inspection, inspect_bytes(package_.file, *package_.bytes));
    extension_.digest = inspection.digest;
    extension_.bytes = inspection.bytes;
    extension_.source = package_.source;
    extension_.asked = package_.asked;
    extension_.registry = package_.registry;
    extension_.unpinned = package_.unpinned;
    extension_.signed_by = package_.signed_by;
    if (!sha256.empty() && sha256 != inspection.digest) report_digest(sha256);
    if (inspection.kind != Inspection::Kind::Component) report_kind(inspection.kind);
    extension_.imports = needed_of(inspection.imports);
    extension_.exports = interfaces_of(inspection.exports);
    if (package_.manifest_file.empty())
      derive(inspection);
    else
      TENON_TRY_VOID(read_manifest());
    if (!name.empty()) extension_.name = name;
    if (!is_extension_name(extension_.name)) report_name();
    if (!problems_.empty()) return std::move(problems_);
    return CheckedPackage{std::move(extension_), package_.bytes};
  }

 private:
  // Without a manifest, everything comes from the component.
  void derive(const Inspection& inspection) {
    extension_.name = package_.name;
    extension_.version = inspection.version && parse_version(*inspection.version)
                             ? *inspection.version
                             : common_version(extension_.exports).value_or("0.0.0");
    offer_all();
    // Interfaces that only the host can provide.
    for (const std::string& import : extension_.imports)
      if (!is_wasi_interface(import) && !policy_.allows(import))
        extension_.wants.host.emplace_back(base_name(import));
    add_command(std::nullopt);
  }

  Result<void> read_manifest() {
    TENON_TRY(Manifest manifest,
              parse_extension_manifest(package_.manifest, package_.manifest_file, version()));
    extension_.name = std::move(manifest.name);
    extension_.version = std::move(manifest.version);
    extension_.description = std::move(manifest.description);
    extension_.license = std::move(manifest.license);
    extension_.repository = std::move(manifest.repository);
    extension_.authors = std::move(manifest.authors);
    extension_.wants = std::move(manifest.wants);
    extension_.limits = manifest.limits;
    extension_.dependencies = std::move(manifest.dependencies);
    if (manifest.provides)
      offer(*manifest.provides);
    else
      offer_all();
    add_command(manifest.command);
    check_dependencies();
    return {};
  }

  void offer_all() {
    for (const std::string& name : extension_.exports)
      if (policy_.allows(name)) extension_.libraries.push_back(name);
  }

  // Offers the exports that the manifest names, and no others.
  void offer(const std::vector<PlacedText>& provides) {
    for (const PlacedText& row : provides) {
      const std::string* const exported = find_export(row.text);
      if (exported == nullptr)
        report_export("provides", row.text, row.where);
      else if (!policy_.allows(*exported))
        report_rule(*exported, row.where);
      else
        extension_.libraries.push_back(*exported);
    }
  }

  // name: with or without its version.
  [[nodiscard]] const std::string* find_export(std::string_view name) const {
    for (const std::string& exported : extension_.exports)
      if (exported == name || base_name(exported) == name) return &exported;
    return nullptr;
  }

  void add_command(const std::optional<ExtensionCommand>& command) {
    const std::string_view run = command ? std::string_view(command->exported) : kRun;
    const std::size_t dot = run.rfind('.');
    // "acme:square/cli.run" is a function of an interface. A version has dots as well.
    const bool is_function = dot != run.npos && run.find('@') == run.npos;
    const std::string_view interface = is_function ? run.substr(0, dot) : run;
    if (find_export(interface) != nullptr) {
      extension_.command = command.value_or(ExtensionCommand());
      return;
    }
    if (command)
      report_export("export", interface,
                    {.file = package_.manifest_file, .unit = {}, .item = {}, .offset = {}});
  }

  void check_dependencies() {
    for (const ExtensionDependency& dependency : extension_.dependencies) {
      if (dependency.name.find(':') == dependency.name.npos) continue;
      if (std::ranges::any_of(extension_.imports, [&](const std::string& import) {
            return base_name(import) == dependency.name;
          }))
        continue;
      Diagnostic& problem =
          add(Code::ExtManifest, "`{}` is a dependency, but the component does not import it",
              dependency.name);
      problem.where.file = package_.manifest_file;
      for (const std::string& near : near_interfaces(dependency.name, extension_.imports))
        problem.notes.push_back({fmt::format("it imports `{}`", near), {}, {}});
      problem.hints.emplace_back("remove the row, or name an interface that is imported");
    }
  }

  void report_export(std::string_view key, std::string_view name, const Location& where) {
    Diagnostic& problem =
        add(Code::ExtManifest, "`{}` names `{}`, but the component does not export it", key, name);
    problem.where = where;
    for (const std::string& near : near_interfaces(name, extension_.exports))
      problem.notes.push_back({fmt::format("it exports `{}`", near), {}, {}});
    problem.hints.push_back(fmt::format("list its exports: `tenon inspect {}`", package_.file));
  }

  void report_rule(std::string_view name, const Location& where) {
    Diagnostic& problem = add(Code::ExtLibraryRule,
                              "`{}` is offered to extensions but is not a library interface", name);
    problem.where = where;
    for (const std::string& glob : policy_.globs())
      problem.notes.push_back({fmt::format("library interfaces match `{}`", glob), {}, {}});
    problem.hints.emplace_back(
        "export the functions as an interface `lib`; a manifest can narrow the policy of the "
        "store but not widen it");
  }

  void report_digest(std::string_view expected) {
    Diagnostic& problem =
        add(Code::ExtDigest, "the digest of `{}` does not match", package_.source);
    problem.notes.push_back({fmt::format("expected sha256 {}", expected), {}, {}});
    problem.notes.push_back({fmt::format("found    sha256 {}", extension_.digest), {}, {}});
    problem.hints.emplace_back("if this is the right file, pass its digest");
  }

  void report_kind(Inspection::Kind kind) {
    const bool is_module = kind == Inspection::Kind::CoreModule;
    Diagnostic& problem = add(Code::ExtNotComponent, "`{}` is {}", package_.source,
                              is_module                              ? "a core module"
                              : kind == Inspection::Kind::WitPackage ? "a WIT package"
                                                                     : "a packr package");
    problem.hints.emplace_back(
        is_module ? "an extension is a component: build it for wasm32-wasip2, or convert it with "
                    "`wasm-tools component new`"
                  : "an extension is a component");
  }

  void report_name() {
    Diagnostic& problem = add(Code::ExtManifest, "`{}` is not a valid extension name",
                              sanitize_text(extension_.name));
    problem.notes.push_back({std::string(kExtensionNameRule), {}, {}});
    problem.hints.emplace_back("choose another name: `--name NAME`");
  }

  template <class... Args>
  Diagnostic& add(Code code, fmt::format_string<Args...> text, Args&&... args) {
    problems_.push_back(
        make_diagnostic(code, "{}", fmt::format(text, std::forward<Args>(args)...)));
    problems_.back().where.file = package_.file;
    return problems_.back();
  }

  const ExtensionPackage& package_;
  const LibraryPolicy& policy_;
  Extension extension_;
  Diagnostics problems_;
};

}  // namespace

Result<CheckedPackage> check_package(const ExtensionPackage& package, std::string_view name,
                                     std::string_view sha256, const LibraryPolicy& policy) {
  return PackageChecker(package, policy).check(name, sha256);
}

}  // namespace tenon::extension

// The part of the public builder that configures host bundles.
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/states.h"
#include "compose/passage.h"
#include "host/bundle_unit.h"
#include "host/host_offers.h"
#include "host/hosts_file.h"
#include "process/serve_bundle.h"
#include "support/check.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/builder.h"
#include "tenon/host.h"

namespace tenon {

std::optional<int> run_bundle_process(int argc, const char* const* argv) {
  if (!process::is_bundle_process(argc, argv)) return std::nullopt;
  return process::run_bundle_process();
}

CompositionBuilder& CompositionBuilder::add_host_bundle(std::string_view name,
                                                        std::string_view path) {
  link::UnitRequest unit = link::make_unit(name, {});
  unit.kind = UnitKind::HostBundle;
  unit.path = path;
  if (name.empty()) {
    const auto manifest = host::find_manifest_of(state_->request.hosts,
                                                 link::make_bundle_request(unit), state_->files);
    // Problems of the file are reported by the plan.
    unit.name = manifest ? manifest->name : unit_name_of(path);
  }
  state_->add(std::move(unit));
  return *this;
}

Result<void> CompositionBuilder::export_host_bundle(std::string_view name, std::string_view path) {
  const host::BundleRequest request{.name = std::string(name), .path = std::string(path)};
  TENON_TRY(host::Manifest manifest,
            host::find_manifest_of(state_->request.hosts, request, state_->files));
  types::Types types;
  TENON_TRY(const host::ReadBundle bundle,
            host::read_bundle(std::move(manifest), state_->files, types));
  compose::Passage passage;
  // Interfaces whose types the exported ones use.
  for (const types::RootItem& item : bundle.type.imports)
    passage.imports.push_back({item.name, item.item});
  for (const types::RootItem& item : bundle.type.exports) {
    const auto import = static_cast<std::uint32_t>(passage.imports.size());
    passage.exports.push_back({.name = item.name, .item = {.import = import}});
    passage.imports.push_back({item.name, item.item});
  }
  add_component("exports", compose::write_passage(types, passage));
  set_root("exports");
  add_host_bundle(name, path);
  return {};
}

CompositionBuilder& CompositionBuilder::set_host_folders(std::span<const std::string> folders) {
  state_->request.hosts.folders.assign(folders.begin(), folders.end());
  return *this;
}

CompositionBuilder& CompositionBuilder::set_host_config(std::string_view host, std::string_view key,
                                                        std::string_view value) {
  state_->request.hosts.config[std::string(host)].insert_or_assign(std::string(key), value);
  return *this;
}

CompositionBuilder& CompositionBuilder::add_host_module(std::string_view name,
                                                        const HostModule& module) {
  TENON_CHECK(module.module != nullptr);
  host::HostEntry entry;
  entry.name = name;
  entry.bundle = module.folder.find('/') == std::string::npos && !module.folder.empty()
                     ? join_path(".", module.folder)
                     : module.folder;
  entry.linked = host::LinkedModule{module.module, module.manifest, module.wit};
  link::UnitRequest unit =
      link::make_bundle_unit(host::take_offer(std::make_shared<const host::HostEntry>(entry)));
  unit.where = nullptr;
  state_->add(std::move(unit));
  return *this;
}

Result<void> CompositionBuilder::read_hosts(std::string_view path, const HostVariables& variables) {
  state_->paths.emplace_back(path);
  host::HostSettings& settings = state_->request.hosts;
  TENON_TRY(host::HostsFile read,
            host::read_hosts_file(state_->files, std::string(path), variables));
  host::add_offers(std::move(read), settings);
  return {};
}

std::vector<std::string> CompositionBuilder::host_interfaces() const {
  const link::Request& request = state_->request;
  std::set<std::string> names;
  for (const HostFunction& function : request.host.functions) names.insert(function.interface);
  for (const HostResourceParts& resource : request.host.resources) names.insert(resource.interface);
  // Bare functions belong to no interface.
  names.erase("");
  for (const host::BundleRequest& bundle : link::list_bundles(request))
    names.merge(host::interfaces_of_bundle(request.hosts, bundle, state_->files));
  for (const auto& offer : request.hosts.offers)
    names.merge(host::interfaces_of_bundle(request.hosts, host::take_offer(offer), state_->files));
  return {names.begin(), names.end()};
}

CompositionBuilder& CompositionBuilder::trust_path(std::string_view path) {
  state_->request.hosts.trusted.emplace_back(path);
  return *this;
}

CompositionBuilder& CompositionBuilder::require_pins() {
  state_->request.hosts.require_pins = true;
  return *this;
}

CompositionBuilder& CompositionBuilder::run_in_process(std::string_view host,
                                                       const HostProcess& process) {
  state_->request.hosts.processes.insert_or_assign(std::string(host), process);
  return *this;
}

CompositionBuilder& CompositionBuilder::set_process_program(std::string_view path) {
  state_->request.hosts.process_program = path;
  return *this;
}

CompositionBuilder& CompositionBuilder::allow_setenv() {
  state_->request.hosts.may_setenv = true;
  return *this;
}

CompositionBuilder& CompositionBuilder::forbid_native() {
  state_->request.hosts.forbid_native = true;
  return *this;
}

}  // namespace tenon

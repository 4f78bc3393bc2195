// What a verb links: the components on the command line or a manifest, and the flags that guide the
// link.
//
//   LinkRequest request;
//   add_component_flags(line, request);
//   add_link_flags(line, request.flags);
//   ...parse...
//   Result<CompositionBuilder> builder = make_builder(request);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/inspect.h"
#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

// Flags that say where host bundles are searched for.
struct HostFlags {
  std::vector<std::string> configs;  // --host-config FILE
  bool no_config = false;            // --no-host-config
  std::vector<std::string> trusted;  // --trust-path PATH
};

// group: the heading in the help.
void add_host_flags(CommandLine& line, HostFlags& flags, const std::string& group);

// Combines the flags with the environment. Configuration files that are read by default come
// first.
[[nodiscard]] HostSearch make_host_search(const HostFlags& flags);

// Flags of every verb that links, as written; `apply_link_flags` reads them.
struct LinkFlags {
  std::vector<std::string> wires;     // --wire [CONSUMER:]IMPORT=PROVIDER[:EXPORT]
  std::vector<std::string> vias;      // --via [CONSUMER:]IMPORT=A,B
  std::vector<std::string> optional;  // --optional [CONSUMER:]IMPORT
  std::vector<std::string> hides;     // --hide UNIT:ITEM
  std::vector<std::string> exposes;   // --expose UNIT:ITEM
  std::vector<std::string> exports;   // --export UNIT:ITEM[=NAME]
  bool export_all = false;
  std::string root;  // empty: not given
  bool allow_unresolved = false;
  std::vector<std::string> packages;   // --dep PACKAGE=FILE
  std::string package_folder;          // --deps-dir DIR
  WitFeatures features;                // --features, --all-features: of the WIT of a `.wac` file
  std::vector<std::string> isolated;   // --isolate[=UNIT,..]; "*": every unit
  std::vector<std::string> bundles;    // --host-bundle [NAME=]DIR
  std::vector<std::string> host_sets;  // --host-set NAME.KEY=VALUE
  std::vector<std::string> configs;    // --config UNIT.KEY=VALUE
  std::vector<std::string> remotes;    // --connect IFACE=URL
  TlsOptions tls;                      // --tls-ca, --tls-cert, --tls-key
  std::string credentials;             // --credentials
  HostFlags hosts;
  bool no_native = false;
  bool locked = false;
  bool require_pins = false;
};

void add_link_flags(CommandLine& line, LinkFlags& flags);
// Those that are keys of a tenon.toml: wires, filters, exports and isolation; and the root.
void add_choice_flags(CommandLine& line, LinkFlags& flags);
void add_root_flag(CommandLine& line, LinkFlags& flags);

// Parses the value of --wire. If the name of the import has a `/`, a consumer is present only when
// two colons precede it; without `/`, the text before the first colon is the consumer.
// Errors: config-usage.
[[nodiscard]] Result<Wire> parse_wire(std::string_view text);

// Parses the value of --via; the consumer is found as in --wire. Errors: config-usage.
[[nodiscard]] Result<Wire> parse_via(std::string_view text);

// Parses the value of --optional; the consumer is found as in --wire. Errors: config-usage.
[[nodiscard]] Result<Wire> parse_optional(std::string_view text);

// Passes the flags to the builder. Errors: config-usage, one for each flag that cannot be read.
[[nodiscard]] Result<void> apply_link_flags(const LinkFlags& flags, CompositionBuilder& builder);

struct LinkRequest {
  // FILE, NAME=FILE, folder or glob; empty: the manifest. Or one `.wac` file, or the folder of one host
  // bundle.
  std::vector<std::string> components;
  std::vector<std::string> helpers;  // --with; each must be used
  // Whether a single component is the root, as for `run FILE`. With helpers it always is.
  enum class FirstIsRoot { No, Yes } first_is_root = FirstIsRoot::No;
  LinkFlags flags;
};

// The components of a verb that shows or writes a link. It takes `--with`, too, so that the words of a
// `run` or `call` can be given to it.
void add_component_flags(CommandLine& line, LinkRequest& request);
void add_helper_flag(CommandLine& line, LinkRequest& request);

// The path of a host bundle, if an argument is its folder; it can be called without a component.
[[nodiscard]] std::optional<std::string> find_host_bundle(const std::string& argument);

// The path of the request's tenon.lock: beside the manifest, or in the working folder.
// Errors: config-usage.
[[nodiscard]] Result<std::string> find_lock(const LinkRequest& request);

// The path of the request's manifest, to write to. Errors: config-usage (it has none).
[[nodiscard]] Result<std::string> find_request_manifest(const LinkRequest& request);

// A builder with everything that the request names. Components replace the manifest. Without
// components, or with one folder that contains a tenon.toml, the manifest is read. One host bundle is
// linked to a unit that exports what it provides. The standard streams are open unless the manifest
// says otherwise.
// Errors: config-usage, those of CompositionBuilder::add_argument, read_wac and read_manifest.
[[nodiscard]] Result<CompositionBuilder> make_builder(const LinkRequest& request);

}  // namespace tenon::cli

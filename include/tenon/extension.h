// Extensions: components in a store, found by their names, that offer commands to people and
// libraries to each other. A program that has extensions of its own has a store of its own, with a
// policy of its own; the command `tenon ext` is one such program.
//
// Each extension runs in a domain of its own with what the user granted to it, and to no other.
// They are linked by library interfaces alone: those that the policy and their manifests name.
//
// Thread: a store may be used by one thread at a time; stores of one folder, in whatever process,
// wait for each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/bindgen.h"
#include "tenon/composition.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// A row of `[dependencies]`.
struct ExtensionDependency {
  std::string name = {};     // "acme:math/lib", of any extension; or "multiply", an extension
  std::string range = "*";   // of the interface's, or the extension's, version: "^1.2"
  std::string from = {};     // the extension that is to provide the interface; empty: any
  bool is_optional = false;  // without it the import is a trap
  bool is_lazy = false;      // it starts at its first call
};

// Who meets an import, as it was decided when the store last changed.
struct ExtensionNeed {
  std::string interface = {};  // "acme:math/lib@1.2.0", as it is imported
  std::string exported = {};   // "acme:math/lib@1.3.1", as it is exported
  std::string from = {};       // the extension that does
  std::string version = {};    // of it
  bool is_lazy = false;
};

// What an extension wants, and is granted by the user alone.
struct ExtensionPermissions {
  std::vector<std::string> fs = {};    // "ro:$PROJECT", "rw:$CACHE", "ro:/etc"
  std::vector<std::string> net = {};   // "api.example.com:443"
  std::vector<std::string> env = {};   // "HOME", "ACME_*"
  std::vector<std::string> host = {};  // interfaces of host bundles
};

// What people run.
struct ExtensionCommand {
  std::string exported = "wasi:cli/run";  // or "acme:square/cli.run": func(list<string>) -> u8
  std::vector<std::string> aliases = {};
};

// One that is installed. Of a name there is one for each track of versions.
struct Extension {
  std::string name = {};
  std::string version = {};  // "1.2.0"
  std::string digest = {};   // SHA-256 of the component
  std::uint64_t bytes = 0;   // of the component
  std::string source = {};   // where it came from
  std::string asked = {};    // what it was asked for by: "acme:math@^1"; where `upgrade` looks
  std::string link = {};     // its component is this file, read at each use; empty: a copy
  std::string added = {};    // "2026-11-20T10:11:12Z"
  std::string description = {};
  std::string license = {};
  std::string repository = {};
  std::vector<std::string> authors = {};
  std::optional<ExtensionCommand> command = {};  // absent: it has none
  std::vector<std::string> imports = {};         // interfaces of its type, with versions
  std::vector<std::string> exports = {};         // the same
  std::vector<std::string> libraries = {};       // of `exports`: what others may be linked to
  std::vector<ExtensionDependency> dependencies = {};
  std::vector<ExtensionNeed> needs = {};  // in the order of `imports`
  ExtensionPermissions wants = {};
  Limits limits = {};
  std::vector<std::string> grants = {};  // "fs=ro:/srv/data", "net=api.example.com:443", "env=HOME"
};

struct ExtensionPolicy {
  // Globs over interfaces without versions: those that may link extensions. A manifest can narrow
  // what its extension offers, never widen this.
  std::vector<std::string> library_interfaces = {"*:*/lib"};
};

struct ExtensionOptions {
  std::string folder = {};     // of the store; made when something is added
  std::string cache_dir = {};  // of compiled code; empty: none
  // Nothing: what `policy.toml` of the folder says; if it is not there, the default.
  std::optional<ExtensionPolicy> policy = {};
  std::string project_dir = {};  // what `$PROJECT` of `fs` grants is; empty: nothing
  // Has a folder for each store and extension, made (0700) when it is linked, which is `$CACHE` of
  // its `fs` grants; empty: `$CACHE` is nothing.
  std::string private_dir = {};
  // Where grants are kept, by store and component; empty: in the index of the store. For a store
  // that others write too, such as one that is part of a project: its index decides what is
  // installed, and the user alone what that may do.
  std::string grants_file = {};
  // Refuses a store that other users can change (config-untrusted). For one that was found, not
  // named by the user.
  bool refuse_others_files = false;
  // For `env` grants, `$HOME` of `fs` grants, and where the configurations of wkg and docker are
  // (HOME, XDG_CONFIG_HOME, ..); the library reads no environment.
  HostVariables variables = {};
  // Adds what the program provides to every extension: functions, resources, host bundles. No
  // extension provides these interfaces to another, whatever the policy says. It is called for each
  // composition, and for a look at the names.
  std::function<void(CompositionBuilder&)> add_host = {};
  // Globs over interfaces, without versions: those of `add_host` that an extension gets only where
  // "host=acme:db/sql" is granted to it. Empty: all extensions get all.
  std::vector<std::string> guarded = {};
};

// One to be added.
struct ExtensionRequest {
  // "./square.wasm", "./square" with extension.toml, "acme:math@^1" of a registry,
  // "oci://registry.example/acme/math:1.2.0", "https://example.com/math.wasm".
  std::string source = {};
  std::string name = {};    // in the place of the manifest's, or of the file's
  std::string sha256 = {};  // that its component must have; empty: any
  std::vector<std::string> grants = {};
  std::string asked = {};  // where `upgrade` is to look; empty: at `source`
};

struct RemoveOptions {
  bool cascade = false;  // those too that need them
  bool purge = false;    // what they keep in `private_dir`, too
};

struct AddOptions {
  bool replace = false;   // one of the same name and version, whatever its bytes
  bool link = false;      // develop in place: the component stays where it is
  bool compile = true;    // now, so that the first run is as fast as the others
  bool dry_run = false;   // all checks, and nothing is written
  bool offline = false;   // nothing is asked over a network: paths, and registries that are folders
  bool unpinned = false;  // a URL whose component has no `sha256` is taken as it comes
  // Nothing is added that `ext.lock` of the store does not have, with these very bytes.
  bool locked = false;
  bool prereleases = false;  // registries may give versions such as 2.0.0-rc.1
  // Asked what else is to be added: what registries have of what is missing. May be asked again,
  // with what those need. Empty: nothing else is added.
  std::function<bool(const std::vector<Extension>&)> accept = {};
};

// What changed, or would.
struct AddedExtension {
  Extension extension = {};
  std::string replaced = {};  // the version that it takes the place of; empty: none
  bool was_there = false;     // that version with this very component
};

// An interface that others may be linked to, or may not.
struct ExtensionLibrary {
  std::string interface = {};  // "acme:math/lib@1.2.0"
  std::string provider = {};
  std::string version = {};  // of the provider
  std::vector<std::string> users = {};
  std::string why_not = {};  // it is none; empty: it is one
};

class ExtensionStore final {
 public:
  // Nothing is read yet.
  explicit ExtensionStore(ExtensionOptions options);
  ExtensionStore(ExtensionStore&&) noexcept;
  ExtensionStore& operator=(ExtensionStore&&) noexcept;
  ~ExtensionStore();

  // All that is installed, by name and version. Only those that are developed in place are opened:
  // they are as their sources have them now. Errors: ext-store, read-file, config-.
  [[nodiscard]] Result<std::vector<Extension>> list() const;
  // name, here and below: "square", which is the newest of that name or alias, or "square@0.1.0".
  // Errors: as list(); ext-none (with what is near).
  [[nodiscard]] Result<Extension> find(std::string_view name) const;
  // What extensions export, by interface. pattern: a glob over interfaces, with or without their
  // versions. Errors: as list().
  [[nodiscard]] Result<std::vector<ExtensionLibrary>> libraries(
      std::string_view pattern = "*") const;
  // The extension and all that it needs, those first that others need; name: empty: all.
  // Errors: as find().
  [[nodiscard]] Result<std::vector<Extension>> load_order(std::string_view name) const;

  // Adds all of them or none: each is read and checked, with all that would be linked to it, before
  // anything is written. None, with `locked`: all that ext.lock has. Errors: read-, type-, config-;
  // ext-; resolve-, of the edges between them.
  [[nodiscard]] Result<std::vector<AddedExtension>> add(
      const std::vector<ExtensionRequest>& requests, const AddOptions& options = {});

  // Looks again where extensions came from, and takes what is newer there, in the same
  // compatibility track; all of them or none. names: each with all its versions, unless one is
  // named; empty: all. Returns what changed. Errors: ext-none; as of add().
  [[nodiscard]] Result<std::vector<AddedExtension>> upgrade(const std::vector<std::string>& names,
                                                            const AddOptions& options = {});

  // Errors: ext-none; ext-conflict (a name of several versions); ext-in-use (with who needs it, and
  // which interface). Returns what was removed.
  [[nodiscard]] Result<std::vector<Extension>> remove(const std::vector<std::string>& names,
                                                      const RemoveOptions& options = {});

  // Grants are "fs=[ro:|rw:]HOST[::GUEST]", "net=HOST[:PORT]", "env=NAME", "host=INTERFACE"; in the
  // last two, `*` stands for any text. They are the extension's alone, of all its versions unless
  // one is named. Errors: ext-none, config-value.
  [[nodiscard]] Result<void> grant(std::string_view name, const std::vector<std::string>& grants);
  [[nodiscard]] Result<void> revoke(std::string_view name, const std::vector<std::string>& grants);

  // Holds the store against itself: digests, types of every edge, cycles. Errors: all that is
  // found.
  [[nodiscard]] Result<void> check() const;

  // The WIT text of its component. Errors: as find(), ext-store, read-.
  [[nodiscard]] Result<std::string> print_wit(std::string_view name) const;

  // A builder of the extension, its root, and of all that it needs, each in a domain of its own.
  // Those that are developed in place (AddOptions::link) are read again.
  // Errors: as find(), ext-store, ext-unmet (a guarded interface that is not granted), write-file.
  [[nodiscard]] Result<CompositionBuilder> link(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A package of a registry.
struct FoundExtension {
  std::string package;                // "acme:math"
  std::vector<std::string> versions;  // the newest last
  std::string description;
  std::string registry;  // that has it
};

// Looks for packages by their names, and of registries that are folders by their descriptions, in
// those of wkg's configuration (`wasm-pkg/config.toml`). variables: as of ExtensionOptions. Errors:
// ext-not-found (no registry is configured), ext-fetch, ext-auth, config-.
[[nodiscard]] Result<std::vector<FoundExtension>> search_extensions(std::string_view text,
                                                                    const HostVariables& variables);

struct PublishedExtension {
  std::string package;
  std::string version;
  std::string digest;  // SHA-256 of the component
  std::string origin;  // where these bytes are to be had
  bool was_there = false;
};

// Puts a component, or a folder with extension.toml, into the registry of its namespace. It is
// checked against its manifest first; a version is never replaced. package: "acme:math".
// Errors: ext-source, ext-manifest, ext-not-component, ext-publish, ext-not-found, ext-fetch,
// ext-auth, config-, read-.
[[nodiscard]] Result<PublishedExtension> publish_extension(const std::string& path,
                                                           std::string_view package,
                                                           const HostVariables& variables);

enum class ExtensionKind : std::uint8_t { Command, Library };
enum class ExtensionLanguage : std::uint8_t { C, Cpp, Rust, JavaScript };

// A folder that builds an extension: extension.toml, a source file with what greets its user, what
// builds it, a README; WIT where code is made of it. A command is `wasi:cli/run`, a library
// exports the interface `lib`. name: "square", or with a namespace of its WIT, "acme:square".
// Errors: config-usage (a name that is none).
[[nodiscard]] Result<std::vector<GeneratedFile>> make_extension_skeleton(
    std::string_view name, ExtensionKind kind, ExtensionLanguage language);

}  // namespace tenon

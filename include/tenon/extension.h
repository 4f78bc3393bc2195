// Extensions: components in a store, found by name, that provide commands to people and libraries
// to each other.
//
// A store is a folder. `add` checks a component with everything that it would be linked to, and
// then installs it; `link` makes a composition of an extension and its dependencies. A program with
// its own extensions uses its own store and policy; `tenon ext` is one such program.
//
//   tenon::ExtensionStore store({.folder = "extensions", .cache_dir = "cache"});
//   auto added = store.add({{.source = "./square.wasm"}});
//   tenon::Result<tenon::CompositionBuilder> builder = store.link("square");
//   tenon::Result<tenon::Composition> square = builder->build();
//
// Each extension runs in its own domain with only the grants that the user gave to it. Extensions
// are linked only through library interfaces, which the policy and their manifests define.
//
// Thread: use a store from one thread at a time. Stores of the same folder, also in different
// processes, wait for each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/result.h"

namespace tenon {

// One entry of `[dependencies]` in a manifest.
struct ExtensionDependency {
  std::string name = {};     // an interface, "acme:math/lib", or an extension, "multiply"
  std::string range = "*";   // required version, "^1.2"
  std::string from = {};     // the extension that must provide the interface; empty: any
  bool is_optional = false;  // if it is missing, calls of the import trap
  bool is_lazy = false;      // started at its first call
};

// The provider of an import, as decided when the store last changed.
struct ExtensionNeed {
  std::string interface = {};  // the import, "acme:math/lib@1.2.0"
  std::string exported = {};   // the export that satisfies it, "acme:math/lib@1.3.1"
  std::string from = {};       // the providing extension
  std::string version = {};    // version of that extension
  bool is_lazy = false;
};

// The permissions that a manifest requests. Only the user can grant them.
struct ExtensionPermissions {
  std::vector<std::string> fs = {};    // "ro:$PROJECT", "rw:$CACHE", "ro:/etc"
  std::vector<std::string> net = {};   // "api.example.com:443"
  std::vector<std::string> http = {};  // "api.example.com"
  std::vector<std::string> env = {};   // "HOME", "ACME_*"
  std::vector<std::string> host = {};  // interfaces of host bundles
};

// The command that an extension provides.
struct ExtensionCommand {
  std::string exported = "wasi:cli/run";  // or "acme:square/cli.run": func(list<string>) -> u8
  std::vector<std::string> aliases = {};
};

// Who signed a package: a key, or without one an identity.
struct ExtensionSigner {
  std::string key = {};     // its name in the policy of the store: "acme.pub"
  std::string sha256 = {};  // of the key (SubjectPublicKeyInfo in DER), 64 hexadecimal digits
  // That a certificate names: "https://github.com/acme/math/.github/workflows/release.yml@refs/tags/v1".
  std::string identity = {};
  std::string issuer = {};  // who vouched for it: "https://token.actions.githubusercontent.com"

  bool operator==(const ExtensionSigner&) const = default;
};

// An installed extension. Several versions of a name can be installed, one for each track.
struct Extension {
  std::string name = {};
  std::string version = {};  // "1.2.0"
  std::string digest = {};   // SHA-256 of the component
  std::uint64_t bytes = 0;   // size of the component
  std::string source = {};   // where it came from
  // The request that installed it, such as "acme:math@^1"; `upgrade` looks there.
  std::string asked = {};
  // The registry of its package, as the configuration of wkg names it; empty if it did not choose one.
  std::string registry = {};
  bool unpinned = false;  // from a URL, without a `sha256` that says what to expect there
  // path of the component, read at each use; empty: it is copied into the store
  std::string link = {};
  std::string added = {};  // "2026-11-20T10:11:12Z"
  std::string description = {};
  std::string license = {};
  std::string repository = {};
  std::vector<std::string> authors = {};
  std::optional<ExtensionCommand> command = {};  // absent: it provides none
  std::vector<std::string> imports = {};         // imported interfaces, with versions
  std::vector<std::string> exports = {};         // exported interfaces, with versions
  // the `exports` that other extensions can be linked to
  std::vector<std::string> libraries = {};
  std::vector<ExtensionDependency> dependencies = {};
  std::vector<ExtensionNeed> needs = {};  // in the order of `imports`
  ExtensionPermissions wants = {};
  Limits limits = {};
  std::vector<std::string> grants = {};  // "fs=ro:/srv/data", "net=api.example.com:443", "env=HOME"
  // The signers that satisfied the policy when it was added; empty: it required no signature.
  std::vector<ExtensionSigner> signed_by = {};
};

// A public key, ECDSA on the curve P-256, as `cosign generate-key-pair` makes it.
struct SignatureKey {
  std::string name = {};  // for messages
  std::string pem = {};   // "-----BEGIN PUBLIC KEY-----.."
};

// A signer without a key, as `cosign sign` makes signatures in a workflow or after a login.
struct SignatureIdentity {
  // The URI or email address in its certificate; `*` matches any text:
  // "https://github.com/acme/math/.github/workflows/release.yml@refs/tags/*".
  std::string identity = {};
  std::string issuer = {};  // exactly: "https://token.actions.githubusercontent.com"
  // The predicate type of the in-toto statement that counts as a signature, such as
  // "https://slsa.dev/provenance/v1". Empty: that of `cosign sign`.
  std::string statement = {};
};

// Who vouches for identities.
struct SignatureRoot {
  std::string name = {};  // for messages
  std::string json = {};  // a file trusted_root.json of Sigstore
};

// Packages that must be signed. The rule applies to what comes from a registry or a URL and matches
// both lists; `*` matches any text. An empty list matches everything.
struct SignatureRule {
  std::vector<std::string> packages = {};  // "acme:*"
  // Registries: "registry.example", "127.0.0.1:5000". A default port (443, 80) makes no difference.
  // Both the name in the configuration of wkg and the host that it leads to count, since the owner of
  // the registry chooses that host. The registry of a folder has only a name.
  std::vector<std::string> registries = {};
  // A signature by one of these keys is enough, as `cosign sign --key` makes it.
  std::vector<SignatureKey> signed_by = {};
  // So is one by one of these identities, for which the trusted root vouches.
  std::vector<SignatureIdentity> identities = {};
  SignatureRoot trusted_root = {};
};

struct ExtensionPolicy {
  // Globs of interface names without versions: the interfaces through which extensions can be
  // linked. A manifest can restrict what its extension offers, but cannot extend this list.
  std::vector<std::string> library_interfaces = {"*:*/lib"};
  // Each rule that matches a package must be satisfied before the package is used (ext-signature).
  std::vector<SignatureRule> signatures = {};
};

struct ExtensionOptions {
  std::string folder = {};     // folder of the store, created when the first extension is added
  std::string cache_dir = {};  // folder for compiled code; empty: no cache
  // Absent: taken from `policy.toml` in the folder, or the default if there is no such file.
  std::optional<ExtensionPolicy> policy = {};
  std::string project_dir = {};  // meaning of `$PROJECT` in `fs` grants; empty: not defined
  // Contains a private folder for each store and extension, created with mode 0700 when the
  // extension is linked. It is the meaning of `$CACHE` in `fs` grants; empty: not defined.
  std::string private_dir = {};
  // File in which grants are stored, by store and component; empty: the index of the store. Set it
  // for a store that other people also write to, such as one in a project: the store's index then
  // decides what is installed, but only the user decides what that can access.
  std::string grants_file = {};
  // Rejects a store that other users can change (config-untrusted). Use it for a store that was
  // found rather than named by the user.
  bool refuse_others_files = false;
  // Environment variables for `env` grants, for `$HOME` in `fs` grants, and to find the
  // configurations of wkg and docker (HOME, XDG_CONFIG_HOME, ..). The library does not read the
  // environment.
  HostVariables variables = {};
  // Adds the program's functions, resources and host bundles to the builder of an extension.
  // Extensions cannot provide these interfaces to each other, whatever the policy says. Called for
  // each composition, and to look up the names of the interfaces.
  std::function<void(CompositionBuilder&)> add_host = {};
  // Globs of interface names without versions: the interfaces of `add_host` that an extension gets
  // only with a grant such as "host=acme:db/sql". Empty: every extension gets all of them.
  std::vector<std::string> guarded = {};
};

// A request to add an extension.
struct ExtensionRequest {
  // The component: "./square.wasm", "./square" with extension.toml, "acme:math@^1" from a registry
  // ("acme:math@1.2.0" is this version, "acme:math" the newest),
  // "oci://registry.example/acme/math:1.2.0", "https://example.com/math.wasm".
  std::string source = {};
  std::string name = {};    // overrides the name from the manifest or the file
  std::string sha256 = {};  // expected SHA-256 of the component; empty: not checked
  std::vector<std::string> grants = {};
  std::string asked = {};  // where `upgrade` looks for newer versions; empty: `source`
  // The registry in the configuration of wkg from which `source` came, for the rules of the policy, if
  // `source` does not say it; may be empty.
  std::string registry = {};
};

struct RemoveOptions {
  bool cascade = false;  // also remove the extensions that depend on them
  bool purge = false;    // also delete their folders in `private_dir`
};

struct CheckOptions {
  // Do not use the network: instead of the signatures in registries, the keys that were recorded when the
  // packages were added are compared with the policy.
  bool offline = false;
};

struct AddOptions {
  bool replace = false;  // replace an extension of the same name and version
  bool link = false;     // develop in place: do not copy the component
  bool compile = true;   // compile now, so that the first run is fast
  bool dry_run = false;  // run all checks, but write nothing
  bool offline = false;  // do not use the network; only paths and registries in folders
  // Accept a component from a URL without a `sha256`. `upgrade` does so if the extension was added like
  // that, and leaves out others from URLs.
  bool unpinned = false;
  // Add only components that `ext.lock` of the store lists, with the same digests.
  bool locked = false;
  bool prereleases = false;  // accept prerelease versions such as 2.0.0-rc.1 from registries
  // Decides whether missing dependencies that a registry has are also added. Can be called again
  // with the dependencies of those. Empty: they are not added.
  std::function<bool(const std::vector<Extension>&)> accept = {};
  // As BuildOptions::on_compile, for the compilations of `compile`.
  std::function<void(const CompileStep&)> on_compile = {};
  // Receives a note (ext-source) for each extension that `upgrade` leaves out.
  std::function<void(const Diagnostic&)> on_note = {};
};

// An extension that was added, or would be in a dry run.
struct AddedExtension {
  Extension extension = {};
  std::string replaced = {};  // the version that it replaces; empty: none
  bool was_there = false;     // this version with the same component was already installed
};

// An exported interface, and whether other extensions can be linked to it.
struct ExtensionLibrary {
  std::string interface = {};  // "acme:math/lib@1.2.0"
  std::string provider = {};
  std::string version = {};  // version of the provider
  std::vector<std::string> users = {};
  std::string why_not = {};  // why extensions cannot be linked to it; empty: they can
};

// A store of extensions in a folder.
class ExtensionStore final {
 public:
  // Creates the object without reading the folder.
  explicit ExtensionStore(ExtensionOptions options);
  ExtensionStore(ExtensionStore&&) noexcept;
  ExtensionStore& operator=(ExtensionStore&&) noexcept;
  ~ExtensionStore();

  // Returns all installed extensions, by name and version. Linked extensions (AddOptions::link) are
  // read again from their sources; the components of other extensions are not opened.
  // Errors: ext-store, read-file, config-.
  [[nodiscard]] Result<std::vector<Extension>> list() const;
  // Finds an installed extension.
  // name, here and below: "square" for the newest version of that name or alias, or "square@0.1.0".
  // Errors: as list(); ext-none (with similar names).
  [[nodiscard]] Result<Extension> find(std::string_view name) const;
  // Returns the exports of all extensions, by interface.
  // pattern: a glob of interfaces, with or without versions.
  // Errors: as list().
  [[nodiscard]] Result<std::vector<ExtensionLibrary>> libraries(
      std::string_view pattern = "*") const;
  // Returns an extension and everything it depends on, dependencies first.
  // name: empty: all extensions.
  // Errors: as find().
  [[nodiscard]] Result<std::vector<Extension>> load_order(std::string_view name) const;

  // Adds all requested extensions or, if one fails, none. Each is read and checked with everything
  // that it would be linked to before anything is written. With `locked`, an empty list means
  // everything in ext.lock.
  // Errors: read-, type-, config-, ext-; resolve- for the edges between extensions.
  [[nodiscard]] Result<std::vector<AddedExtension>> add(
      const std::vector<ExtensionRequest>& requests, const AddOptions& options = {});

  // Upgrades extensions to newer compatible versions from where they were installed; if one fails,
  // none is upgraded. Returns the changes.
  // names: all versions of each name, unless a version is given; empty: all extensions.
  // Errors: ext-none; as add().
  [[nodiscard]] Result<std::vector<AddedExtension>> upgrade(const std::vector<std::string>& names,
                                                            const AddOptions& options = {});

  // Removes extensions, and returns the removed ones.
  // Errors: ext-none; ext-conflict (a name with several versions); ext-in-use (with the extensions
  // that need it, and the interface).
  [[nodiscard]] Result<std::vector<Extension>> remove(const std::vector<std::string>& names,
                                                      const RemoveOptions& options = {});

  // Grants permissions to an extension: "fs=[ro:|rw:]HOST[::GUEST]", "net=HOST[:PORT]", "http=HOST[:PORT]",
  // "env=NAME", "host=INTERFACE". In the last two, `*` matches any text. A grant applies to this extension
  // only, to all its versions unless `name` has a version.
  // Errors: ext-none, config-value.
  [[nodiscard]] Result<void> grant(std::string_view name, const std::vector<std::string>& grants);
  // Revokes grants, written as for `grant`.
  // Errors: ext-none, config-value.
  [[nodiscard]] Result<void> revoke(std::string_view name, const std::vector<std::string>& grants);

  // Checks the consistency of the store: digests, signatures of the packages that the policy requires to be
  // signed, the types of every edge, cycles.
  // Errors: every problem found.
  [[nodiscard]] Result<void> check(const CheckOptions& options = {}) const;

  // Returns the WIT text of an extension's component.
  // Errors: as find(); ext-store, read-.
  [[nodiscard]] Result<std::string> print_wit(std::string_view name) const;

  // Returns a builder with the extension as its root and everything it depends on, each in a domain
  // of its own. Linked extensions (AddOptions::link) are read again.
  // The current policy applies, also to extensions that were added under another one.
  // Errors: as find(); ext-store, ext-unmet (a guarded interface is not granted), ext-library-rule,
  // config-, write-file.
  [[nodiscard]] Result<CompositionBuilder> link(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A query of search_extensions. A package must match both fields; an empty field matches every package.
struct ExtensionSearch {
  std::string text = {};  // a part of the package's name or description, ignoring case
  // A glob, such as "acme:*/lib" or "acme:math/lib@1.*". The package must export an interface whose
  // name, with or without its version, matches.
  std::string interface = {};
};

// A package that matches a search.
struct FoundExtension {
  std::string package = {};                // "acme:math"
  std::vector<std::string> versions = {};  // the matching versions, oldest first
  // The description of the newest matching version. Empty if the registry has none.
  std::string description = {};
  // The interfaces, with versions, that the newest matching version exports. Empty if the search did
  // not read them.
  std::vector<std::string> exports = {};
  std::string registry = {};  // the registry that has the package
};

struct FoundExtensions {
  std::vector<FoundExtension> packages = {};  // sorted by registry and name
  Diagnostics notes = {};                     // ext-fetch: what could not be searched, and why
};

// Searches the registries of wkg's configuration (`wasm-pkg/config.toml`). An OCI registry is
// searched by its index, which `publish_extension` maintains. Packages that other tools published are
// not in the index: they are read one by one, at most 50 of them, and a note says if there are more
// (docs/extensions.md, "Registries").
// variables: as in ExtensionOptions.
// Errors: ext-not-found (no registry is configured), ext-fetch, ext-auth, config-.
[[nodiscard]] Result<FoundExtensions> search_extensions(const ExtensionSearch& search,
                                                        const HostVariables& variables);

// A published package.
struct PublishedExtension {
  std::string package = {};
  std::string version = {};
  std::string digest = {};  // SHA-256 of the component
  std::string origin = {};  // where the component can be fetched
  bool was_there = false;
  Diagnostics notes = {};  // ext-fetch: the index of the registry could not be updated
};

// Publishes a component, or a folder with extension.toml, to the registry of its namespace, and adds
// it to the index of an OCI registry. The component is first checked against its manifest. Published
// versions are never replaced.
// package: "acme:math".
// Errors: ext-source, ext-manifest, ext-not-component, ext-publish, ext-not-found, ext-fetch,
// ext-auth, config-, read-.
[[nodiscard]] Result<PublishedExtension> publish_extension(const std::string& path,
                                                           std::string_view package,
                                                           const HostVariables& variables);

// A file that was generated and not written yet.
struct GeneratedFile {
  std::string path;  // relative to the output folder, with `/`
  std::string text;  // the bytes of the file
};

// An interface that a new extension imports.
struct UsedLibrary {
  std::string interface = {};  // "acme:words/lib@0.1.0"
  std::string provider = {};   // the extension that exports it
  std::string wit = {};        // the WIT of that extension, as ExtensionStore::print_wit returns it
};

enum class ExtensionKind : std::uint8_t { Command, Library };
enum class ExtensionLanguage : std::uint8_t { C, Cpp, Rust, JavaScript };

// Generates a project that builds an extension: extension.toml, a source file with a greeting,
// build files, a README, and WIT if the language needs it. A command exports `wasi:cli/run`, a
// library the interface `lib`.
// name: "square", or "acme:square" with the namespace of its WIT.
// uses: libraries that it imports: their WIT and the build lines for it are among the files.
// Errors: config-usage (invalid name).
[[nodiscard]] Result<std::vector<GeneratedFile>> make_extension_skeleton(
    std::string_view name, ExtensionKind kind, ExtensionLanguage language,
    const std::vector<UsedLibrary>& uses = {});

}  // namespace tenon

// Known links: links that ran before and are not planned again. The facts that a run needs from the
// plan are stored next to the compiled code, under a key of everything that the plan depends on.
// Because the plan depends on nothing else, planning again later, for example to explain a trap,
// gives the same plan.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/cache_folder.h"
#include "link/inputs.h"
#include "link/request.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::link {

struct Running;

// An import of a domain's component that another domain provides. It passes no streams, because
// links with streams are not stored.
struct KnownImport {
  std::string name;             // in the component: "i3"
  std::uint32_t provider = 0;   // the domain
  std::string export_name;      // in the provider's component: "e7"
  bool lazy = false;            // as of resolve::BridgedImport
  std::string on_failure = {};  // the same
  std::string unit;             // that provides it
  std::string exported;         // the unit's name for it: "acme:tax/lib@1.0.0"
  types::Item item;             // of KnownLink::types
};

// The keys of the code of a component, of engine::CodeCache.
struct CodeKeys {
  std::string embedded;
  // By reference: of the component and of its core modules, in the order of its imports. Empty if it
  // cannot be linked by reference.
  std::string reference = {};
  std::vector<std::string> modules = {};
};

struct KnownDomain {
  std::string name;
  std::shared_ptr<const CodeKeys> code;  // shared by domains with equal code; null for a package
  Concurrency concurrency = Concurrency::No;
  bool needs_wasi = false;
  std::vector<KnownImport> imports = {};
};

// A resource type, as ResourceKinds has it.
struct KnownKind {
  std::string key;
  std::string name;
  std::uint32_t home = 0;  // the domain
};

struct KnownLink {
  std::string program;               // the first of the guest's arguments
  std::string command;               // the export that is `wasi:cli/run`; empty: none
  std::uint32_t command_domain = 0;  // the domain that exports it
  std::string domain = "main";       // of the root
  std::vector<KnownDomain> domains = {};
  // The types of all imports.
  std::shared_ptr<const types::Types> types = std::make_shared<const types::Types>();
  std::map<types::ResourceId, KnownKind> kinds = {};
  Diagnostics notes = {};  // of the plan
};

// Identifies this build of tenon, or of the program that contains it, because another build can read
// and plan differently. Empty if the program's file cannot be found.
[[nodiscard]] const std::string& identify_program();

// The key of a request whose units are loaded: their names and digests, the policy, and this
// program. Nothing if the request has notes or problems, which have to be reported again, or if a
// unit is not loaded.
[[nodiscard]] std::optional<std::string> make_link_key(const Request& request);

// The facts with which a link that runs can be started again without a plan. Empty if a domain has no
// cached code, or if an import is not provided by one of the domains.
[[nodiscard]] std::optional<KnownLink> make_known_link(Running& running);

// folder: the folder of compiled code; null if there is none. Nothing if the file is missing or, with
// a `run-cache` warning, if it cannot be used.
[[nodiscard]] std::optional<KnownLink> find_known_link(const engine::CacheFolder* folder,
                                                       const std::string& key,
                                                       Diagnostics& warnings);

// Does nothing if the file cannot be written or the link cannot be encoded: values without a
// layout, notes with excerpts.
void keep_known_link(const engine::CacheFolder* folder, const std::string& key,
                     const KnownLink& link);

// The file format.
// Nothing if a part of the link cannot be kept: streams, async functions, warnings.
[[nodiscard]] std::optional<Bytes> write_known_link(const KnownLink& link, const std::string& key);
// Nothing if the bytes have another key or version, or are malformed.
[[nodiscard]] std::optional<KnownLink> read_known_link(std::span<const std::uint8_t> bytes,
                                                       const std::string& key);

}  // namespace tenon::link

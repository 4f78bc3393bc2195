// The state behind ExtensionStore, and the transactions that read and change a store.
//
// A transaction (`change_index`) reads the index, computes a new one, and replaces the old one if
// no other process has done so in between; otherwise it starts again with the index of the other
// process. Nothing is locked while the new index is computed, which may download and compile.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "extension/disk.h"
#include "extension/install.h"
#include "extension/package.h"
#include "extension/policy.h"
#include "extension/signature_policy.h"
#include "extension/store_files.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/extension.h"

namespace tenon::extension {

// What a registry answered to the query of a missing need.
struct RegistryAnswer {
  std::string text;
  bool has_it = false;
};
using RegistryAnswers = std::map<std::string, RegistryAnswer>;  // by MissingNeed::source

struct StoreState {
  explicit StoreState(ExtensionOptions store_options);

  // Calls `change` with the current index, and makes what it leaves there the index of the store.
  // Starts again if another process changed the store in the meantime.
  // change: Result<std::vector<Blob>>(Index&); can be called several times.
  // Errors: ext-store, read-file, write-file; those of `change`.
  template <class F>
  Result<void> change_index(F&& change) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      TENON_TRY(StoreText text, files.read_text());
      TENON_TRY(Index index, files.parse(text));
      const Snapshot before{std::move(text), digests_of(index)};
      TENON_TRY_VOID(reread_linked(index));
      TENON_TRY(const std::vector<Blob> blobs, change(index));
      TENON_TRY(const bool is_done, files.replace(before, index, blobs));
      if (is_done) return {};
    }
    Diagnostic problem = make_diagnostic(
        Code::ExtStore, "`{}` is constantly changed by other processes", files.index_path());
    problem.hints.emplace_back("try again later");
    return problem;
  }

  // The policy of the store, with the interfaces that the program provides.
  // Errors: config-, read-file.
  [[nodiscard]] Result<LibraryPolicy> policy() const;

  // Which packages must be signed, with the keys. Errors: config-, read-file.
  [[nodiscard]] Result<SignaturePolicy> signature_policy() const;

  // Fetches and checks the package of each request. Errors: as ExtensionStore::add.
  [[nodiscard]] Result<std::vector<NewExtension>> read(
      const std::vector<ExtensionRequest>& requests, const LibraryPolicy& policy,
      const AddOptions& add_options);
  [[nodiscard]] Result<NewExtension> read(const ExtensionRequest& request,
                                          const LibraryPolicy& policy,
                                          const AddOptions& add_options);

  // Installs the extensions, and what they need from registries if the caller accepts it.
  // Errors: as ExtensionStore::add.
  [[nodiscard]] Result<std::vector<AddedExtension>> add(std::vector<NewExtension> extensions,
                                                        const LibraryPolicy& policy,
                                                        const AddOptions& add_options);

  // Requests for the extensions in ext.lock that are not installed.
  // Errors: ext-locked, config-, read-file.
  [[nodiscard]] Result<std::vector<ExtensionRequest>> locked_requests() const;

  // The index, in which linked extensions are as their sources have them now. A linked extension
  // that cannot be read stays as the index has it. Errors: ext-store, config-.
  [[nodiscard]] Result<Index> read_index();
  [[nodiscard]] Result<void> reread_linked(Index& index);

  // Reads the linked extensions in the closure of `root` again, and meets all needs again. Returns
  // the root, whose version may have changed. Errors: as ExtensionStore::add.
  [[nodiscard]] Result<const Extension*> reread_closure(Index& index, const Extension& root);
  // Applies the current policy, which can be narrower than when the extensions were added, to an
  // extension and everything that it needs. Errors: as policy(); ext-library-rule, as `check`
  // reports it.
  [[nodiscard]] Result<void> apply_policy(Index& index, const Extension& root) const;
  // One linked extension, as its source has it now. Errors: as ExtensionStore::add.
  [[nodiscard]] Result<Extension> read_link(const Extension& link, const LibraryPolicy& policy);

  // Errors: ext-store, config-value.
  [[nodiscard]] Result<CompositionBuilder> make_builder(const Index& index,
                                                        const Extension& root) const;

  ExtensionOptions options;
  std::unique_ptr<Disk> disk;
  StoreFiles files;
  Fetcher fetcher;

 private:
  // The policy without the interfaces that the program provides.
  [[nodiscard]] Result<LibraryPolicy> read_policy() const;
  // `policy.toml`; none if there is no such file.
  [[nodiscard]] Result<std::optional<PolicyFile>> read_policy_file() const;
  // missing: receives the needs that nothing in the store meets.
  [[nodiscard]] Result<std::vector<AddedExtension>> try_to_add(
      const std::vector<NewExtension>& extensions, const LibraryPolicy& policy,
      const AddOptions& add_options, std::vector<MissingNeed>& missing);
  // Queries the registries for missing needs, except for queries that were answered before.
  // Returns the extensions they have.
  [[nodiscard]] Result<std::vector<NewExtension>> ask_registries(
      const std::vector<MissingNeed>& missing, const LibraryPolicy& policy,
      const AddOptions& add_options, RegistryAnswers& answers);

  // How many times a change is computed when other processes change the store meanwhile.
  static constexpr int kAttempts = 20;
};

}  // namespace tenon::extension

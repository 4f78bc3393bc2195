// What all that is done to a store shares: its options, its files, and where packages come from.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "extension/disk.h"
#include "extension/fetch.h"
#include "extension/install.h"
#include "extension/policy.h"
#include "extension/store_files.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/extension.h"

namespace tenon::extension {

// What a registry said of something that is missing, by Missing::source.
struct Answer {
  std::string text;
  bool has_it = false;
};
using Answers = std::map<std::string, Answer>;

struct StoreState {
  explicit StoreState(ExtensionOptions given);

  // Reads the index, lets `change` make another of it, and puts that in its place; again, if the
  // store changed meanwhile. change: Result<std::vector<Blob>>(Index&).
  // Errors: ext-store, read-file, write-file; those of `change`.
  template <class F>
  Result<void> change_index(F&& change) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      TENON_TRY(std::string text, files.read_text());
      TENON_TRY(Index index, files.parse(text));
      const Snapshot before{std::move(text), digests_of(index)};
      TENON_TRY_VOID(freshen(index));
      TENON_TRY(const std::vector<Blob> blobs, change(index));
      TENON_TRY(const bool is_done, files.replace(before, index, blobs));
      if (is_done) return {};
    }
    Diagnostic problem = make_diagnostic(Code::ExtStore, "`{}` is changed by others all the time",
                                         files.index_path());
    problem.hints.emplace_back("run it again");
    return problem;
  }

  // Errors: config-, read-file.
  [[nodiscard]] Result<LibraryPolicy> policy() const;

  // Fetches and checks each. Errors: as ExtensionStore::add.
  [[nodiscard]] Result<std::vector<Wanted>> read(const std::vector<ExtensionRequest>& requests,
                                                 const LibraryPolicy& policy,
                                                 const AddOptions& wishes);
  [[nodiscard]] Result<Wanted> read(const ExtensionRequest& request, const LibraryPolicy& policy,
                                    const AddOptions& wishes);

  // Those, and what they need and registries have, as far as that is accepted.
  // Errors: as ExtensionStore::add.
  [[nodiscard]] Result<std::vector<AddedExtension>> add(std::vector<Wanted> wanted,
                                                        const LibraryPolicy& policy,
                                                        const AddOptions& wishes);

  // What its ext.lock has and the store has not. Errors: ext-locked, config-, read-file.
  [[nodiscard]] Result<std::vector<ExtensionRequest>> locked_requests() const;

  // The index. Extensions that are developed in place are as their sources have them now; one that
  // cannot be read is as it was. Errors: ext-store, config-.
  [[nodiscard]] Result<Index> read_index();
  [[nodiscard]] Result<void> freshen(Index& index);

  // Reads those again that `root` needs and that are developed in place, and itself, and decides
  // again who provides what. Returns the root, which may have another version then.
  // Errors: as ExtensionStore::add.
  [[nodiscard]] Result<const Extension*> refresh_links(Index& index, const Extension& root);
  // One that is developed in place, as its source has it now. Errors: as ExtensionStore::add.
  [[nodiscard]] Result<Extension> read_link(const Extension& link, const LibraryPolicy& policy);

  // Errors: ext-store, config-value.
  [[nodiscard]] Result<CompositionBuilder> make_builder(const Index& index,
                                                        const Extension& root) const;

  ExtensionOptions options;
  std::unique_ptr<Disk> disk;
  StoreFiles files;
  Fetcher fetcher;

 private:
  // Without what the program provides.
  [[nodiscard]] Result<LibraryPolicy> read_policy() const;
  // missing: gets what nobody here has.
  [[nodiscard]] Result<std::vector<AddedExtension>> try_to_add(const std::vector<Wanted>& wanted,
                                                               const LibraryPolicy& policy,
                                                               const AddOptions& wishes,
                                                               std::vector<Missing>& missing);
  // Returns what they have of it. Nothing that was asked before is asked again.
  [[nodiscard]] Result<std::vector<Wanted>> ask_registries(const std::vector<Missing>& missing,
                                                           const LibraryPolicy& policy,
                                                           const AddOptions& wishes,
                                                           Answers& answers);

  // How often a change begins again because another process changed the store meanwhile.
  static constexpr int kAttempts = 20;
};

}  // namespace tenon::extension

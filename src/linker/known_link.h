// Links that ran before. One that succeeded and had nothing to say is not planned again: what a run
// has to know of its plan is kept beside the compiled code, under a key of everything that the plan
// depends on. Plans and composed components depend on that alone, so one that is asked for later,
// to explain a trap, is the same.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "linker/inputs.h"
#include "linker/request.h"

namespace tenon::linker {

struct KnownLink {
  std::string code_key;  // of engine::load_or_compile
  Concurrency concurrency = Concurrency::No;
  bool needs_wasi = false;
  std::string program;          // the first of the guest's arguments
  std::string command;          // the export that is `wasi:cli/run`; empty: none
  std::string domain = "main";  // of the root

  bool operator==(const KnownLink&) const = default;
};

// The key of a request whose units are loaded: their names and digests, the policy, and this
// program. None if the request has notes or problems, which have to be told again, or a unit is not
// loaded.
[[nodiscard]] std::optional<std::string> make_link_key(const Request& request);

// folder: of compiled code; empty: none. None also if the folder or the file is not to be trusted.
[[nodiscard]] std::optional<KnownLink> find_known_link(const std::filesystem::path& folder,
                                                       const std::string& key);

// Does nothing if it cannot.
void keep_known_link(const std::filesystem::path& folder, const std::string& key,
                     const KnownLink& link);

}  // namespace tenon::linker

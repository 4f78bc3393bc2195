// Embedded code for the next start: what was linked by reference is compiled once more as one
// component, in the background.
//
// One thread of the process does this, at the lowest priority, beginning a moment after it is asked.
// A process that ends abandons what is not done.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "link/inputs.h"
#include "link/load_link.h"
#include "link/request.h"
#include "resolve/split_domains.h"

namespace tenon::link {

// The embedded code of one domain.
struct WantedCode {
  std::size_t domain = 0;
  std::string key;
  engine::EngineConfig config;
};

// The domains that are linked by reference.
[[nodiscard]] std::vector<WantedCode> list_wanted(std::span<const Loaded> loaded);

// Thread: any, here and below. Code that was asked for once is not compiled again.
// split: the plans of the wanted domains are moved from it. folder: the cache.
void embed_later(std::vector<WantedCode> wanted,
                 const std::map<std::string, UnitBinary, std::less<>>& binaries,
                 resolve::SplitPlan& split, const std::filesystem::path& folder);

// The same for a known link, which is planned again for it.
// request: has no parts of the program and no running units, like that of every known link.
void embed_later(std::vector<WantedCode> wanted, const Request& request,
                 const std::filesystem::path& folder);

}  // namespace tenon::link

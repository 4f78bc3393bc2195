// Compiles embedded code for the next start: units that were linked by reference are compiled together,
// in the background.
//
// There is one thread for this in a process, which begins a moment after the start. The compiler runs
// with the lowest priority. When the process exits, unfinished work is abandoned.
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

// Embedded code to compile: of one domain.
struct WantedCode {
  std::size_t domain = 0;
  std::string key;
  engine::EngineConfig config;
};

// Lists the domains that are linked by reference.
[[nodiscard]] std::vector<WantedCode> list_wanted(std::span<const Loaded> loaded);

// Schedules the compilations. Each key is compiled at most once in a process.
// split: the plans of the wanted domains are moved out of it. folder: the cache.
// Thread: any.
void embed_later(std::vector<WantedCode> wanted,
                 const std::map<std::string, UnitBinary, std::less<>>& binaries,
                 resolve::SplitPlan& split, const std::filesystem::path& folder);

// The same for a known link, which is planned again in the background.
// request: like that of every known link, without functions of the program and running units.
void embed_later(std::vector<WantedCode> wanted, const Request& request,
                 const std::filesystem::path& folder);

}  // namespace tenon::link

// Known files: the components of a request as they were at an earlier start. If none of its files has
// changed since then, a start opens none of them: it has their digests and unit records, and the files
// become late units.
//
//   KnownFiles known(request, files, now);    // before they are read
//   known.use(folder, request, warnings);
//   ...                                       // the composition starts
//   known.keep(folder, running.request);
//
// A file has not changed if its FileState is the same. Files that changed within kSettleTime before the
// start are not kept, because they could change again without a difference in their times. A request
// that pins the content of files (`sha256`, a lock file) reads them at each start.
//
// Used only if every unit that runs in a domain is a component from a file: then the plan can be made
// again from the unit records, whatever becomes of the files.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/cache_folder.h"
#include "link/request.h"
#include "support/files.h"

namespace tenon::link {

class KnownFiles final {
 public:
  // More than the resolution of the times of any common file system.
  static constexpr std::chrono::seconds kSettleTime{2};

  // now: since 1970.
  KnownFiles(const Request& request, const Files& files, std::chrono::nanoseconds now);

  // Returns false, and changes no unit, if the files are not known, or have changed.
  // warnings: gets a `run-cache` warning if the entry cannot be used.
  bool use(const engine::CacheFolder& folder, Request& request, Diagnostics& warnings);

  // Undoes `use`. Returns false if there is nothing to undo.
  bool forget(Request& request) const;

  // Does nothing if they are known, or cannot be kept. request: the same one, with its files read.
  void keep(const engine::CacheFolder& folder, const Request& request) const;

 private:
  struct UnitFile {
    std::size_t unit = 0;  // in Request::units
    FileState state;
  };

  std::vector<UnitFile> unit_files_;  // empty: not used
  std::string key_;                   // of the paths
  bool is_settled_ = true;
  bool is_known_ = false;
};

}  // namespace tenon::link

// A `.wac` file as units and choices. Each `new` is a unit, its arguments are wires, and the exports of the
// file are those of the composition. Every import that is not an argument comes from outside
// (resolve::Policy::Unresolved::Outside).
//
// If an argument is not an export of another unit, a small component passes it on (compose/passage.h),
// which is a unit too. Such arguments are explicit imports of the file, parts of instances, and whole
// instances of units.
//
// Docs: docs/wac.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/result.h"
#include "wac/target.h"

namespace tenon::wac {

// The units and choices of a `.wac` file.
struct Translation {
  struct Unit {
    std::string name;
    std::string path;  // empty for a component that passes items on
    std::shared_ptr<const Bytes> bytes;
    std::shared_ptr<const Location> where;
  };

  std::string name;
  std::vector<Unit> units;
  resolve::Policy policy;
  std::shared_ptr<const Target> target;  // null: the file targets no world
  Diagnostics notes;
};

// Errors: wac-, wit-, read-, type-.
[[nodiscard]] Result<Translation> translate_wac(const std::string& path, const WacOptions& options,
                                                const Files& files);

}  // namespace tenon::wac

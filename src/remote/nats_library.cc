#include "remote/nats_library.h"

#include <fmt/core.h>

#include <vector>

#include "support/system_library.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

constexpr int kFirstMinor = 4;  // the version in Debian 12
constexpr int kLastMinor = 15;

Result<NatsLibrary, std::string> load_functions() {
  // The file name contains the minor version. All minor versions are compatible.
  std::vector<std::string> names;
  for (int minor = kFirstMinor; minor <= kLastMinor; ++minor)
    names.push_back(fmt::format("libnats.so.3.{}", minor));
  TENON_TRY(SystemLibrary library, SystemLibrary::load(names));
  NatsLibrary nats;
#define TENON_NATS_FIND(name) library.find(nats.name, #name);
  TENON_NATS_FUNCTIONS(TENON_NATS_FIND)
#undef TENON_NATS_FIND
  TENON_TRY_VOID(library.check());
  return nats;
}

}  // namespace

Result<const NatsLibrary*, std::string> load_nats() {
  static const Result<NatsLibrary, std::string> loaded = load_functions();
  if (loaded) return &*loaded;
  return "libnats cannot be loaded: " + loaded.error() +
         "; install it: `apt-get install libnats3.4` on Debian and Ubuntu";
}

}  // namespace tenon::remote

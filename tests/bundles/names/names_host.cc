// demo:names: the test is that the generated header compiles. No function is implemented.
#include "gen/names_host.h"

namespace {

class Instance : public names_host::instance {
 public:
  static tenon::expected<std::unique_ptr<Instance>, std::string> create(
      const tenon::host_config& /*config*/) {
    tenon::current_call().log(tenon::log_level::error, "made");
    return tenon::unexpected("none of its functions is written");
  }
};

}  // namespace

TENON_HOST_MODULE(names, "1.0.0", Instance, TENON_CONCURRENT)

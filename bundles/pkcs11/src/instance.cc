// The bundle `pkcs11`: a token of PKCS#11 as `tenon:pkcs11/token`. ../host.toml describes its
// configuration.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module.h"
#include "pkcs11_host.h"
#include "session.h"
#include "settings.h"

namespace pkcs11_adapter {

class Instance final : public pkcs11_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    return std::make_unique<Instance>(read_settings(config));
  }

  // A token can be a slow device, and can ask its user.
  static constexpr std::uint32_t function_flags(std::string_view /*name*/) {
    return TENON_MAY_BLOCK;
  }

  explicit Instance(Settings settings)
      : settings_(std::move(settings)), module_(Module::load(settings_.module)) {}

  Expected<std::vector<wit::slot>> slots() override {
    return read_slots(module_->functions(), settings_);
  }

  Expected<std::vector<wit::mechanism_info>> mechanisms(std::uint64_t slot) override {
    const auto chosen = choose_slot(module_->functions(), settings_, slot);
    if (!chosen) return tenon::unexpected(chosen.error());
    return read_mechanisms(module_->functions(), *chosen);
  }

  Expected<std::shared_ptr<wit::session>> session_open(const std::optional<std::uint64_t>& slot,
                                                       wit::access access) override {
    if (access == wit::access::read_write && settings_.access == TokenAccess::ReadOnly)
      return refuse(
          wit::error_kind::denied,
          "sessions are read-only: the bundle is not configured with `read-only = false`");
    if (*count_ >= settings_.max_sessions)
      return refuse(wit::error_kind::denied, "too many sessions: `max-sessions` of the bundle is " +
                                                 std::to_string(settings_.max_sessions));
    const auto chosen = choose_slot(module_->functions(), settings_, slot);
    if (!chosen) return tenon::unexpected(chosen.error());
    const CK_FLAGS flags = access == wit::access::read_write ? CKF_RW_SESSION : 0;
    auto opened = OpenSession::open(module_, *chosen, flags);
    if (!opened) return tenon::unexpected(opened.error());
    return std::make_shared<Session>(*std::move(opened), settings_, count_);
  }

 private:
  Settings settings_;
  std::shared_ptr<Module> module_;
  std::shared_ptr<std::int64_t> count_ = std::make_shared<std::int64_t>(0);  // of open sessions
};

}  // namespace pkcs11_adapter

// One call at a time in the whole process: some modules are not safe with two threads (SoftHSM
// 2.6.1), and a login is for all sessions of the process with a token.
TENON_HOST_MODULE(pkcs11, "0.1.0", pkcs11_adapter::Instance, TENON_SERIAL_LIBRARY)

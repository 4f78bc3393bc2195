// The bundle: a token of PKCS#11 as `tenon:pkcs11/token`. ../host.toml has its configuration.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "module.h"
#include "pkcs11_host.h"
#include "session.h"
#include "settings.h"
#include "slots.h"

namespace pkcs11_adapter {

namespace {

Settings read_settings(const tenon::host_config& config) {
  Settings made;
  made.module = config.text("module").value_or("");
  made.token = config.text("token");
  made.pin.file = config.text("pin-file");
  made.pin.variable = config.text("pin-env");
  if (made.pin.file && made.pin.variable)
    throw std::runtime_error("`pin-file` and `pin-env` are both given; one of them has the PIN");
  if (config.flag("allow-guest-pin").value_or(false)) made.guest_pin = GuestPin::Allowed;
  if (!config.flag("read-only").value_or(true)) made.access = TokenAccess::ReadWrite;
  made.max_sessions = config.integer("max-sessions").value_or(made.max_sessions);
  if (made.max_sessions < 1) throw std::runtime_error("`max-sessions` is to be at least 1");
  return made;
}

}  // namespace

class Instance final : public pkcs11_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    return std::make_unique<Instance>(read_settings(config));
  }

  // A token may be a device, and ask its user.
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
      return refuse(wit::error_kind::denied,
                    "sessions only read: the bundle is not configured with `read-only = false`");
    if (*count_ >= settings_.max_sessions)
      return refuse(wit::error_kind::denied,
                    "there are " + std::to_string(*count_) +
                        " sessions, which is what `max-sessions` of the bundle allows");
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

// Some modules do not bear two threads (SoftHSM 2.6.1), and logins are of the whole process.
TENON_HOST_MODULE(pkcs11, "0.1.0", pkcs11_adapter::Instance, TENON_SERIAL_LIBRARY)

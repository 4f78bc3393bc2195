// The session of a guest: login, and operations with the objects of its token.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "object.h"
#include "open_session.h"
#include "settings.h"

namespace pkcs11_adapter {

class Session final : public wit::session {
 public:
  // count: the number of open sessions. Lifetime: the instance, which owns the settings, outlives
  // the session.
  Session(std::shared_ptr<OpenSession> opened, const Settings& settings,
          std::shared_ptr<std::int64_t> count)
      : session_(std::move(opened)), settings_(settings), count_(std::move(count)) {
    ++*count_;
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override {
    session_->close();
    --*count_;
  }

  Expected<void> login_configured() override;
  Expected<void> login(std::string_view pin) override;
  Expected<void> logout() override;

  Expected<std::shared_ptr<wit::object>> generate_key(
      wit::key_kind kind, std::uint32_t size_bytes,
      std::span<const wit::attribute> attributes) override;
  Expected<std::tuple<std::shared_ptr<wit::object>, std::shared_ptr<wit::object>>>
  generate_key_pair(const wit::key_pair_kind& kind, std::span<const wit::attribute> of_public_key,
                    std::span<const wit::attribute> of_private_key) override;
  Expected<std::shared_ptr<wit::object>> create(
      std::span<const wit::attribute> attributes) override;
  Expected<std::vector<std::shared_ptr<wit::object>>> find(
      std::span<const wit::attribute> attributes) override;

  Expected<std::vector<std::uint8_t>> sign(wit::object& key, const wit::mechanism& mechanism,
                                           std::span<const std::uint8_t> data) override;
  Expected<bool> verify(wit::object& key, const wit::mechanism& mechanism,
                        std::span<const std::uint8_t> data,
                        std::span<const std::uint8_t> signature) override;
  Expected<std::vector<std::uint8_t>> encrypt(wit::object& key, const wit::mechanism& mechanism,
                                              std::span<const std::uint8_t> data) override;
  Expected<std::vector<std::uint8_t>> decrypt(wit::object& key, const wit::mechanism& mechanism,
                                              std::span<const std::uint8_t> data) override;
  Expected<std::vector<std::uint8_t>> wrap(wit::object& wrapping, const wit::mechanism& mechanism,
                                           wit::object& key) override;
  Expected<std::shared_ptr<wit::object>> unwrap(
      wit::object& unwrapping, const wit::mechanism& mechanism,
      std::span<const std::uint8_t> wrapped, std::span<const wit::attribute> attributes) override;
  Expected<std::vector<std::uint8_t>> digest(wit::hash hash,
                                             std::span<const std::uint8_t> data) override;
  Expected<std::vector<std::uint8_t>> random(std::uint32_t bytes) override;

  Expected<std::shared_ptr<wit::signer>> start_sign(wit::object& key,
                                                    const wit::mechanism& mechanism) override;
  Expected<std::shared_ptr<wit::verifier>> start_verify(wit::object& key,
                                                        const wit::mechanism& mechanism) override;
  Expected<std::shared_ptr<wit::digester>> start_digest(wit::hash hash) override;

 private:
  using InitWithKey = CK_RV (*)(CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE);

  [[nodiscard]] const CK_FUNCTION_LIST& functions() const { return session_->functions(); }
  [[nodiscard]] CK_SESSION_HANDLE handle() const { return session_->handle(); }
  [[nodiscard]] Expected<void> log_in(Pin pin);
  // Calls C_SignInit or a similar function, after ending the active operation.
  [[nodiscard]] Expected<void> init(std::string_view name, InitWithKey function, wit::object& key,
                                    const wit::mechanism& mechanism);
  [[nodiscard]] std::shared_ptr<wit::object> make_object(CK_OBJECT_HANDLE object,
                                                         const Template& attributes) const;

  std::shared_ptr<OpenSession> session_;
  const Settings& settings_;
  std::shared_ptr<std::int64_t> count_;
};

}  // namespace pkcs11_adapter

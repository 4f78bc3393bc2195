// The interfaces of `wasi:keyvalue` over a Store: limits of what guests pass, numbers, and handles.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "keyvalue_host.h"
#include "settings.h"
#include "store.h"

namespace keyvalue_adapter {

namespace atomics = keyvalue_host::atomics;
using keyvalue_host::store::key_response;

// The base class of the instances of both bundles.
class Adapter : public keyvalue_host::instance {
 public:
  // Every function can wait for a disk or a server.
  static constexpr std::uint32_t function_flags(std::string_view /*name*/) {
    return TENON_MAY_BLOCK;
  }

  explicit Adapter(Settings settings);

  Outcome<std::shared_ptr<keyvalue_host::store::bucket>> open(std::string_view identifier) override;

  Outcome<std::shared_ptr<atomics::cas>> cas_new(keyvalue_host::store::bucket& bucket,
                                                 std::string_view key) override;
  Outcome<std::int64_t> increment(keyvalue_host::store::bucket& bucket, std::string_view key,
                                  std::int64_t delta) override;
  tenon::expected<void, atomics::cas_error> swap(std::shared_ptr<atomics::cas> cas,
                                                 BytesView value) override;

  Outcome<std::vector<std::optional<std::tuple<std::string, Bytes>>>> get_many(
      keyvalue_host::store::bucket& bucket, std::span<const std::string_view> keys) override;
  Outcome<void> set_many(
      keyvalue_host::store::bucket& bucket,
      std::span<const std::tuple<std::string_view, BytesView>> key_values) override;
  Outcome<void> delete_many(keyvalue_host::store::bucket& bucket,
                            std::span<const std::string_view> keys) override;

 protected:
  // The bucket, which the configuration allows. Errors: no-such-store; those of the library.
  [[nodiscard]] virtual Outcome<std::shared_ptr<Store>> open_store(const std::string& name) = 0;

  // Shared with the buckets and handles of guests, which can outlive the instance's own members.
  const std::shared_ptr<const Settings> settings_;
};

}  // namespace keyvalue_adapter

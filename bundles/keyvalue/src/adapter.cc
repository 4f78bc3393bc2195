#include "adapter.h"

#include <charconv>
#include <utility>

namespace keyvalue_adapter {

namespace {

using tenon::unexpected;

// How often a number is added again after others have changed it in between.
constexpr int kIncrementTries = 100;

// The bytes that an entry of a batch counts in addition to its key and its value.
constexpr std::size_t kEntryCost = 64;

// A bucket as a guest holds it.
class Bucket final : public keyvalue_host::store::bucket {
 public:
  Bucket(std::shared_ptr<Store> of_bucket, std::shared_ptr<const Settings> settings)
      : store(std::move(of_bucket)), settings_(std::move(settings)) {}

  [[nodiscard]] Outcome<void> check_key(std::string_view key) const {
    if (key.empty()) return unexpected(make_error("a key must not be empty"));
    if (key.size() <= settings_->max_key_bytes) return {};
    return unexpected(make_error("a key has at most " + std::to_string(settings_->max_key_bytes) +
                                 " bytes, found " + std::to_string(key.size())));
  }
  // Whether guests can write this. Errors: access-denied.
  [[nodiscard]] Outcome<void> check_write(std::string_view key) const {
    if (settings_->access == Access::ReadOnly) return unexpected(error(error::access_denied{}));
    return check_key(key);
  }
  [[nodiscard]] Outcome<void> check_write(const Pair& pair) const {
    if (auto checked = check_write(pair.key); !checked) return checked;
    if (pair.value.size() <= settings_->max_value_bytes) return {};
    return unexpected(make_error("a value has at most " +
                                 std::to_string(settings_->max_value_bytes) + " bytes, found " +
                                 std::to_string(pair.value.size())));
  }

  Outcome<std::optional<Bytes>> get(std::string_view key) override {
    if (const auto checked = check_key(key); !checked) return unexpected(checked.error());
    auto entry = store->get(key);
    if (!entry) return unexpected(entry.error());
    if (!*entry) return std::optional<Bytes>();
    return std::optional(std::move((*entry)->value));
  }
  Outcome<void> set(std::string_view key, BytesView value) override {
    const Pair pair{key, value};
    if (auto checked = check_write(pair); !checked) return checked;
    return store->set({&pair, 1});
  }
  Outcome<void> delete_(std::string_view key) override {
    if (auto checked = check_write(key); !checked) return checked;
    return store->remove({&key, 1});
  }
  Outcome<bool> exists(std::string_view key) override {
    const auto value = get(key);
    if (!value) return unexpected(value.error());
    return value->has_value();
  }
  Outcome<key_response> list_keys(const std::optional<std::string_view>& cursor) override {
    const std::string_view after = cursor.value_or("");
    if (cursor)
      if (const auto checked = check_key(after); !checked) return unexpected(checked.error());
    // One more than a page, to know whether it is the last one.
    auto keys = store->list(after, settings_->page_keys + 1);
    if (!keys) return unexpected(keys.error());
    key_response page{.keys = *std::move(keys)};
    if (page.keys.size() > settings_->page_keys) {
      page.keys.resize(settings_->page_keys);
      page.cursor = page.keys.back();
    }
    return page;
  }

  const std::shared_ptr<Store> store;

 private:
  const std::shared_ptr<const Settings> settings_;
};

// All buckets that guests have are of this class.
Bucket& bucket_of(keyvalue_host::store::bucket& bucket) { return static_cast<Bucket&>(bucket); }

// It keeps no value, so that handles which a guest collects are small.
class Cas final : public atomics::cas {
 public:
  Cas(std::shared_ptr<Bucket> of_key, std::string its_key, std::uint64_t its_revision)
      : bucket(std::move(of_key)), key(std::move(its_key)), revision(its_revision) {}

  Outcome<std::optional<Bytes>> current() override { return bucket->get(key); }

  const std::shared_ptr<Bucket> bucket;
  const std::string key;
  const std::uint64_t revision;
};

Outcome<std::shared_ptr<Cas>> make_cas(std::shared_ptr<Bucket> bucket, std::string key) {
  const auto entry = bucket->store->get(key);
  if (!entry) return unexpected(entry.error());
  const std::uint64_t revision = *entry ? (*entry)->revision : kAbsent;
  return std::make_shared<Cas>(std::move(bucket), std::move(key), revision);
}

Outcome<std::int64_t> read_decimal(std::string_view key, const std::optional<Entry>& entry) {
  if (!entry) return 0;
  std::int64_t number = 0;
  const char* const begin = reinterpret_cast<const char*>(entry->value.data());
  const char* const end = begin + entry->value.size();
  const auto [rest, failure] = std::from_chars(begin, end, number);
  if (!entry->value.empty() && failure == std::errc() && rest == end) return number;
  return unexpected(make_error("the value of `" + std::string(key) +
                               "` is not a whole number of 64 bits in decimal digits"));
}

error deadline_passed() { return make_error("the deadline of the call has passed"); }

// Counts the bytes of a batch, which guests can make as large as they like.
class BatchSize final {
 public:
  explicit BatchSize(std::size_t most) : most_(most) {}

  [[nodiscard]] Outcome<void> add(std::string_view key, std::size_t value) {
    bytes_ += kEntryCost + key.size() + value;
    if (bytes_ <= most_) return {};
    return unexpected(make_error("the keys and values of one call have at most " +
                                 std::to_string(most_) + " bytes, " + std::to_string(kEntryCost) +
                                 " for each of them included: use several calls"));
  }

 private:
  std::size_t most_;
  std::size_t bytes_ = 0;
};

}  // namespace

Adapter::Adapter(Settings settings)
    : settings_(std::make_shared<const Settings>(std::move(settings))) {}

Outcome<std::shared_ptr<keyvalue_host::store::bucket>> Adapter::open(std::string_view identifier) {
  const std::string name = settings_->find_bucket(identifier);
  if (name.empty()) return unexpected(error(error::no_such_store{}));
  auto store = open_store(name);
  if (!store) return unexpected(store.error());
  return std::make_shared<Bucket>(*std::move(store), settings_);
}

Outcome<std::shared_ptr<atomics::cas>> Adapter::cas_new(keyvalue_host::store::bucket& bucket,
                                                        std::string_view key) {
  const Bucket& of_key = bucket_of(bucket);
  if (const auto checked = of_key.check_key(key); !checked) return unexpected(checked.error());
  // A handle outlives the bucket that it was made for.
  auto cas = make_cas(std::make_shared<Bucket>(of_key.store, settings_), std::string(key));
  if (!cas) return unexpected(cas.error());
  return *std::move(cas);
}

Outcome<std::int64_t> Adapter::increment(keyvalue_host::store::bucket& bucket, std::string_view key,
                                         std::int64_t delta) {
  const Bucket& of_key = bucket_of(bucket);
  if (const auto checked = of_key.check_write(key); !checked) return unexpected(checked.error());
  for (int i = 0; i < kIncrementTries; ++i) {
    if (tenon::current_call().should_stop()) return unexpected(deadline_passed());
    const auto entry = of_key.store->get(key);
    if (!entry) return unexpected(entry.error());
    const auto number = read_decimal(key, *entry);
    if (!number) return unexpected(number.error());
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*number, delta, &sum))
      return unexpected(make_error("the sum for `" + std::string(key) + "` is out of range: " +
                                   std::to_string(*number) + " and " + std::to_string(delta)));
    const std::string text = std::to_string(sum);
    const auto done =
        of_key.store->swap({key, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}},
                           *entry ? (*entry)->revision : kAbsent);
    if (!done) return unexpected(done.error());
    if (*done) return sum;
  }
  return unexpected(make_error("others change `" + std::string(key) + "` all the time"));
}

tenon::expected<void, atomics::cas_error> Adapter::swap(std::shared_ptr<atomics::cas> cas,
                                                        BytesView value) {
  const auto& handle = static_cast<const Cas&>(*cas);
  const auto fail = [](const error& why) {
    return unexpected(atomics::cas_error(atomics::cas_error::store_error{why}));
  };
  const Pair pair{handle.key, value};
  if (const auto checked = handle.bucket->check_write(pair); !checked) return fail(checked.error());
  const auto done = handle.bucket->store->swap(pair, handle.revision);
  if (!done) return fail(done.error());
  if (*done) return {};
  auto now = make_cas(handle.bucket, handle.key);
  if (!now) return fail(now.error());
  return unexpected(atomics::cas_error(atomics::cas_error::cas_failed{*std::move(now)}));
}

Outcome<std::vector<std::optional<std::tuple<std::string, Bytes>>>> Adapter::get_many(
    keyvalue_host::store::bucket& bucket, std::span<const std::string_view> keys) {
  std::vector<std::optional<std::tuple<std::string, Bytes>>> pairs;
  BatchSize size(settings_->max_batch_bytes);
  for (const std::string_view key : keys) {
    if (tenon::current_call().should_stop()) return unexpected(deadline_passed());
    auto value = bucket.get(key);
    if (!value) return unexpected(value.error());
    if (const auto added = size.add(key, *value ? (*value)->size() : 0); !added)
      return unexpected(added.error());
    if (*value)
      pairs.emplace_back(std::tuple(std::string(key), **std::move(value)));
    else
      pairs.emplace_back();
  }
  return pairs;
}

Outcome<void> Adapter::set_many(
    keyvalue_host::store::bucket& bucket,
    std::span<const std::tuple<std::string_view, BytesView>> key_values) {
  const Bucket& of_keys = bucket_of(bucket);
  std::vector<Pair> pairs;
  BatchSize size(settings_->max_batch_bytes);
  // Nothing is written if one of them is wrong.
  for (const auto& [key, value] : key_values) {
    if (auto added = size.add(key, value.size()); !added) return added;
    pairs.push_back({key, value});
    if (auto checked = of_keys.check_write(pairs.back()); !checked) return checked;
  }
  return of_keys.store->set(pairs);
}

Outcome<void> Adapter::delete_many(keyvalue_host::store::bucket& bucket,
                                   std::span<const std::string_view> keys) {
  const Bucket& of_keys = bucket_of(bucket);
  BatchSize size(settings_->max_batch_bytes);
  for (const std::string_view key : keys) {
    if (auto added = size.add(key, 0); !added) return added;
    if (auto checked = of_keys.check_write(key); !checked) return checked;
  }
  return of_keys.store->remove(keys);
}

}  // namespace keyvalue_adapter

// `cache`: a call with the arguments of an earlier one gets its result, and the callee is not called.
//
// Arguments are compared as WAVE, so equal values are equal however they lie in memory. Results are kept
// as they were passed, for callers with the same types: consumers of one function can have two versions
// of its types (`adapt = true`). Failures are not kept. All functions of all edges share the entries.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "middleware/call_file.h"
#include "middleware/kinds.h"
#include "runtime/observer.h"

namespace tenon::middleware {

namespace {

using Clock = std::chrono::steady_clock;

// The memory of all results. One that is larger is not kept.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;

struct Entry {
  std::string key;
  abi::ValueArena result;
  std::optional<std::uint32_t> address;  // absent: the function has no result
  std::uint64_t bytes = 0;
  Clock::time_point at;
};

class Entries final {
 public:
  Entries(std::uint32_t most, std::optional<std::chrono::milliseconds> lifetime)
      : most_(most), lifetime_(lifetime) {}

  // Lifetime: until the next call of the cache.
  [[nodiscard]] Entry* find(const std::string& key) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) return nullptr;
    if (lifetime_ && Clock::now() - known->second->at > *lifetime_) {
      remove(known->second);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, known->second);
    return &entries_.front();
  }

  void add(Entry entry) {
    if (entry.bytes > kMostBytes) return;
    if (const auto known = by_key_.find(entry.key); known != by_key_.end()) remove(known->second);
    std::list<Entry> added;
    added.push_front(std::move(entry));
    by_key_.emplace(added.front().key, added.begin());
    bytes_ += added.front().bytes;
    entries_.splice(entries_.begin(), added);
    while (entries_.size() > most_ || bytes_ > kMostBytes) remove(std::prev(entries_.end()));
  }

 private:
  void remove(std::list<Entry>::iterator entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(by_key_.find(entry->key));
    entries_.erase(entry);
  }

  std::uint32_t most_;
  std::optional<std::chrono::milliseconds> lifetime_;
  std::list<Entry> entries_;  // used last first
  std::map<std::string_view, std::list<Entry>::iterator> by_key_;
  std::uint64_t bytes_ = 0;
};

// Keeps the result of a call that succeeds.
class CacheHook final : public call::CallHook {
 public:
  CacheHook(call::Call& /*call*/, std::shared_ptr<Entries> entries,
            std::shared_ptr<const Edge> edge, std::string key)
      : entries_(std::move(entries)), edge_(std::move(edge)) {
    entry_.key = std::move(key);
  }

  void see_result(const abi::From& result) override {
    entry_.result.clear();
    const auto address = runtime::Observer::copy_result(*edge_->shape, result, entry_.result);
    is_kept_ = address.has_value();
    if (address) entry_.address = *address;
  }
  void change_outcome(call::Call& /*call*/, CallResult<void>& outcome) override {
    if (!outcome) is_kept_ = false;
  }
  void see_end(call::Call& call) override {
    if (const auto result = call.passed_result(); result && is_kept_) see_result(*result);
    if (!is_kept_ || call.is_broken_off()) return;
    entry_.bytes = entry_.key.size() + entry_.result.bytes().size();
    entry_.at = Clock::now();
    entries_->add(std::move(entry_));
  }

 private:
  std::shared_ptr<Entries> entries_;
  std::shared_ptr<const Edge> edge_;
  Entry entry_;
  bool is_kept_ = true;
};

class CachedCallee final : public call::Callee {
 public:
  // key: of the function with its types.
  CachedCallee(std::shared_ptr<Entries> entries, std::shared_ptr<const Edge> edge, std::string key,
               std::unique_ptr<call::Callee> callee)
      : entries_(std::move(entries)),
        edge_(std::move(edge)),
        key_(std::move(key)),
        callee_(std::move(callee)) {}

  void start(call::Call& call) override {
    const auto arguments = write_arguments(call, *edge_);
    if (!arguments) return callee_->start(call);
    std::string key = key_;
    for (const std::string& argument : *arguments) key += '\n' + argument;
    if (Entry* const entry = entries_->find(key)) return answer(call, *entry);
    start_with_hook<CacheHook>(call, *callee_, entries_, edge_, std::move(key));
  }

 private:
  void answer(call::Call& call, Entry& entry) const {
    if (!entry.address) return call.finish();
    const Result<void, abi::AbiError> given =
        call.give_result(abi::From::memory(entry.result, *entry.address));
    if (given || call.is_broken_off()) return call.finish();
    call.finish(make_refusal(
        edge_->function, "its cached result cannot be passed: " + abi::describe(given.error())));
  }

  std::shared_ptr<Entries> entries_;
  std::shared_ptr<const Edge> edge_;
  std::string key_;
  std::unique_ptr<call::Callee> callee_;
};

class Cache final : public Middleware {
 public:
  explicit Cache(const tenon::Middleware& settings)
      : entries_(std::make_shared<Entries>(settings.entries, settings.lifetime)) {}

  Result<std::unique_ptr<call::Callee>> wrap(Edge edge,
                                             std::unique_ptr<call::Callee> callee) override {
    std::string key = make_key(edge);
    return std::unique_ptr<call::Callee>(
        std::make_unique<CachedCallee>(entries_, std::make_shared<const Edge>(std::move(edge)),
                                       std::move(key), std::move(callee)));
  }

 private:
  std::string make_key(const Edge& edge) {
    std::string function = edge.provider + '\n' + edge.function;
    std::vector<FunctionType>& types = types_[function];
    const auto known = std::ranges::find(types, edge.values->type());
    const auto number = known - types.begin();
    if (known == types.end()) types.push_back(edge.values->type());
    return fmt::format("{}\n{}", function, number);
  }

  std::shared_ptr<Entries> entries_;
  std::map<std::string, std::vector<FunctionType>> types_;  // by function
};

}  // namespace

MiddlewarePtr make_cache(const tenon::Middleware& settings) {
  return std::make_unique<Cache>(settings);
}

}  // namespace tenon::middleware

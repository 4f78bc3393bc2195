#include "remote/handle_blob.h"

#include <fmt/core.h>
#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "engine/sha256.h"
#include "support/diagnostics.h"

namespace tenon::remote {

namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'t', 'n', 'h', '1'};
constexpr std::size_t kWorkerAt = kMagic.size();
constexpr std::size_t kEpochAt = kWorkerAt + sizeof(WorkerId);
constexpr std::size_t kResourceAt = kEpochAt + 8;
constexpr std::size_t kCheckAt = kResourceAt + 8;
constexpr std::size_t kCheckSize = 8;
constexpr std::size_t kSize = kCheckAt + kCheckSize;

void put(Bytes& bytes, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint64_t get(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}

// Takes as long for any bytes, so that nobody can find the check byte by byte.
bool is_same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < kCheckSize; ++i)
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace

std::string print_worker(const WorkerId& worker) {
  // A server prints the worker of each call.
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * worker.size());
  for (const std::uint8_t byte : worker) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::optional<WorkerId> find_worker(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kSize || !std::ranges::equal(bytes.first(kMagic.size()), kMagic))
    return std::nullopt;
  WorkerId worker;
  std::ranges::copy(bytes.subspan(kWorkerAt, worker.size()), worker.begin());
  return worker;
}

Result<Worker> Worker::make() {
  std::array<std::uint8_t, sizeof(WorkerId) + 32> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return make_diagnostic(Code::RunEngine, "the system has no random numbers: {}",
                           std::strerror(errno));
  WorkerId id;
  std::array<std::uint8_t, 32> key;
  std::copy_n(random.begin(), id.size(), id.begin());
  std::copy_n(random.begin() + id.size(), key.size(), key.begin());
  return Worker(id, key);
}

Bytes Worker::seal(std::uint64_t epoch, std::uint64_t resource) const {
  Bytes bytes(kSize);
  std::ranges::copy(kMagic, bytes.begin());
  std::ranges::copy(id_, bytes.begin() + kWorkerAt);
  put(bytes, kEpochAt, epoch);
  put(bytes, kResourceAt, resource);
  const engine::Sha256 code = engine::hmac_sha256(key_, std::span(bytes).first(kCheckAt));
  std::copy_n(code.begin(), kCheckSize, bytes.begin() + kCheckAt);
  return bytes;
}

Result<HandleBlob, std::string> Worker::open(std::span<const std::uint8_t> bytes) const {
  const std::optional<WorkerId> worker = find_worker(bytes);
  if (!worker) return std::string("the handle is not one of tenon");
  if (*worker != id_)
    return fmt::format("the handle is of worker {}, and this is worker {}", print_worker(*worker),
                       print_worker(id_));
  const engine::Sha256 code = engine::hmac_sha256(key_, bytes.first(kCheckAt));
  if (!is_same(bytes.subspan(kCheckAt), code))
    return std::string("the handle was not given by this worker: its check is wrong");
  return HandleBlob{*worker, get(bytes, kEpochAt), get(bytes, kResourceAt)};
}

}  // namespace tenon::remote

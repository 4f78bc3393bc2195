#include "remote/handle_blob.h"

#include <gtest/gtest.h>

#include <string>

#include "support/test_vectors.h"

namespace tenon::remote::handle_blob_test {
namespace {

Worker worker(std::uint8_t id, std::uint8_t key = 1) {
  WorkerId worker = {};
  worker.back() = id;
  std::array<std::uint8_t, 32> secret;
  secret.fill(key);
  return {worker, secret};
}

TEST(HandleBlob, IsOpenedByItsWorkerAlone) {
  const Worker a = worker(1);
  const Bytes bytes = a.seal(7, 0x0102030405060708);
  EXPECT_EQ(to_hex(bytes).substr(0, 72),
            "746e683100000000000000000000000000000001"
            "07000000000000000807060504030201");
  EXPECT_EQ(bytes.size(), 44U);
  EXPECT_EQ(*a.open(bytes), (HandleBlob{a.id(), 7, 0x0102030405060708}));
  EXPECT_EQ(find_worker(bytes), a.id());
  EXPECT_EQ(worker(2).open(bytes).error(),
            "the handle is of worker 00000000000000000000000000000001, and this is worker "
            "00000000000000000000000000000002");
  // A worker that was started again with its old id.
  EXPECT_EQ(worker(1, 2).open(bytes).error(),
            "the handle was not given by this worker: its check is wrong");
}

TEST(HandleBlob, EachChangedBitIsFound) {
  const Worker a = worker(1);
  const Bytes bytes = a.seal(7, 8);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    Bytes changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(a.open(changed)) << bit;
  }
}

TEST(HandleBlob, OtherBytesAreNotOfTenon) {
  const Worker a = worker(1);
  Bytes bytes = a.seal(7, 8);
  for (const Bytes& other : {Bytes(), from_hex("086374722f00000000"), Bytes(44, 0)}) {
    EXPECT_FALSE(find_worker(other));
    EXPECT_EQ(a.open(other).error(), "the handle is not one of tenon");
  }
  bytes.push_back(0);
  EXPECT_FALSE(find_worker(bytes));
}

TEST(HandleBlob, WorkersDiffer) {
  const Result<Worker> a = Worker::make();
  const Result<Worker> b = Worker::make();
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->id(), b->id());
  EXPECT_NE(a->seal(1, 1), b->seal(1, 1));
  EXPECT_TRUE(a->open(a->seal(1, 2)));
  EXPECT_EQ(print_worker(a->id()).size(), 32U);
}

}  // namespace
}  // namespace tenon::remote::handle_blob_test

// The ends of a channel, without guests.
#include "runtime/channel.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "runtime/domain.h"
#include "runtime/shared.h"

namespace tenon::runtime::channel_test {
namespace {

// An end of the program. Counts how often it is told that the other one is gone.
class End final : public ChannelEnd {
 public:
  void wake() override {}
  void note_closed() override {
    ++closed;
    if (on_closed) std::exchange(on_closed, nullptr)();
  }

  int closed = 0;
  std::function<void()> on_closed;
};

class Channels : public testing::Test {
 protected:
  Shared shared_;
  const OwnerLock::Entry entry_{*shared_.lock};
  const std::shared_ptr<const StreamKind> kind_ =
      std::make_shared<StreamKind>("stream", 1, StreamKind::Is::Stream, nullptr, StreamOptions{});
  std::shared_ptr<Channel> channel_ = std::make_shared<Channel>(kind_, shared_);
  End writer_;
  End reader_;
};

TEST_F(Channels, TellBothEndsThatTheCompositionIsGone) {
  channel_->set_writer(writer_);
  channel_->set_reader(reader_);
  shared_.channels->end();
  EXPECT_EQ(writer_.closed, 1);
  EXPECT_EQ(reader_.closed, 1);
}

TEST_F(Channels, TellNothingToAReaderThatTheWriterHasDropped) {
  channel_->set_writer(writer_);
  channel_->set_reader(reader_);
  const std::weak_ptr<Channel> channel = channel_;
  writer_.on_closed = [&] {
    channel_->close_reader();
    channel_.reset();
    EXPECT_FALSE(channel.expired());
  };
  shared_.channels->end();
  EXPECT_EQ(writer_.closed, 1);
  EXPECT_EQ(reader_.closed, 0);
  EXPECT_TRUE(channel.expired());
}

// Writes from the memory of a life.
class Writer final : public ChannelEnd {
 public:
  Writer(const Domain& domain, std::uint64_t life) : domain_(domain), life_(life) {}
  void wake() override {}
  [[nodiscard]] const Domain* domain() const override { return &domain_; }
  [[nodiscard]] std::uint64_t life() const override { return life_; }

 private:
  const Domain& domain_;
  std::uint64_t life_;
};

TEST_F(Channels, TakeBackWhatALifeHasOffered) {
  const Domain shop(shared_, "shop");
  const Domain other(shared_, "other");
  Writer writer(shop, 2);
  channel_->set_writer(writer);
  ASSERT_TRUE(channel_->offer({.memory = {}, .address = 0, .count = 3}));
  shared_.channels->withdraw(shop, 1);
  shared_.channels->withdraw(other, 2);
  EXPECT_EQ(channel_->available(), 3U);
  shared_.channels->withdraw(shop, 2);
  EXPECT_EQ(channel_->available(), 0U);
  EXPECT_TRUE(channel_->has_writer());
}

}  // namespace
}  // namespace tenon::runtime::channel_test

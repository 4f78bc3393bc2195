#include "runtime/program_stream.h"

#include <algorithm>
#include <utility>

#include "runtime/task_home.h"

namespace tenon::runtime {

void ProgramEnd::wake() {
  has_changed_ = true;
  if (on_change_ == nullptr) return;
  Shared* const shared = composition();
  if (shared == nullptr) return report();
  // If the composition ends before the posted function runs, the function is lost. `on_change_` stays here, so that
  // the end of the composition reports it.
  shared->scheduler.post(report_);
}

Scheduler::Posting ProgramEnd::make_report() {
  return Scheduler::Posting([link = std::weak_ptr<ProgramEnd*>(link_)] {
    if (const auto end = link.lock()) (*end)->report();
  });
}

void ProgramEnd::report() {
  if (const std::function<void()> on_change = std::exchange(on_change_, nullptr)) on_change();
}

ProgramReader::ProgramReader(std::shared_ptr<ReadableEnd> end)
    : end_(std::move(end)), work_(composition()->scheduler) {
  end_->channel().set_reader(*this);
}

void ProgramReader::run() {
  Channel& channel = end_->channel();
  if (!to_.empty() && filled_ == 0) {
    const std::size_t count = std::min(channel.available(), to_.size() / channel.kind().size);
    if (channel.read(to_, count)) filled_ = count;
  }
  if (on_offer_) on_offer_();
  wake();
}

std::size_t ProgramReader::take_filled() {
  to_ = {};
  return std::exchange(filled_, 0);
}

std::shared_ptr<ReadableEnd> ProgramWriter::connect(std::shared_ptr<const StreamKind> kind,
                                                    Shared& shared) {
  auto channel = std::make_shared<Channel>(std::move(kind), shared);
  auto end = std::make_shared<ReadableEnd>(channel);
  channel->set_writer(*this);
  channel_ = std::move(channel);
  work_.emplace(shared.scheduler);
  if (home_ != nullptr) home_->set(shared.owner);
  wake();
  if (is_closed_) {
    channel_->close_writer();
    channel_.reset();
  }
  return end;
}

void ProgramWriter::note_dropped() {
  is_dropped_ = true;
  wake();
}

void ProgramWriter::close() {
  is_closed_ = true;
  work_.reset();
  if (const std::shared_ptr<Channel> channel = std::move(channel_)) channel->close_writer();
  // Without a channel, nobody else would notify a write in progress.
  wake();
}

}  // namespace tenon::runtime

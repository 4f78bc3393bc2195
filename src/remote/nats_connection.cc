#include "remote/nats_connection.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "remote/extension.h"

namespace tenon::remote {

namespace {

constexpr std::string_view kProtocol = "wrpc.0.0.1";
constexpr std::string_view kParams = "params";
constexpr std::string_view kResults = "results";
constexpr std::string_view kMarkName = "mark";

// The memory of messages that were received and not read, of a sender that does not wait.
constexpr std::size_t kWaitingBytes = std::size_t{1} << 26;

// The channel of "results.0.1" below "results".
std::optional<IndexPath> read_channel(std::string_view path, std::string_view below) {
  if (!path.starts_with(below)) return std::nullopt;
  path.remove_prefix(below.size());
  IndexPath channel;
  while (!path.empty()) {
    if (path.front() != '.') return std::nullopt;
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (error != std::errc()) return std::nullopt;
    path.remove_prefix(static_cast<std::size_t>(end - path.data()));
    channel.push_back(index);
  }
  return channel;
}

}  // namespace

std::string nats_subject(std::string_view prefix, const WorkerId* owner, std::string_view instance,
                         std::string_view function) {
  std::string subject;
  const auto add = [&](std::string_view token) {
    if (!token.empty()) subject.append(subject.empty() ? "" : ".").append(token);
  };
  add(prefix);
  if (owner != nullptr) add(print_worker(*owner));
  add(kProtocol);
  add(instance);
  add(function);
  return subject;
}

NatsConnection::NatsConnection(std::shared_ptr<NatsLink> link, std::string prefix, OnReady on_ready)
    : link_(std::move(link)),
      on_ready_(std::move(on_ready)),
      prefix_(std::move(prefix)),
      incoming_(kResults),
      outgoing_(kParams) {
  restart();
}

NatsConnection::NatsConnection(std::shared_ptr<NatsLink> link, NatsMessage first, OnReady on_ready)
    : link_(std::move(link)),
      on_ready_(std::move(on_ready)),
      incoming_(kParams),
      outgoing_(kResults),
      peer_(first.reply()),
      has_called_(true) {
  restart();
  try {
    link_->publish(peer_, inbox_, {});
    if (!first.data().empty()) receive(kParams, std::move(first));
  } catch (const std::bad_alloc&) {
    close();
    throw;
  }
}

void NatsConnection::restart() {
  close();
  Connection::fail({});
  inbox_ = link_->open(*this);
  is_open_ = true;
  unmarked_ = 0;
  unread_marks_ = 0;
}

void NatsConnection::begin(std::string_view instance, std::string_view function,
                           const WorkerId* owner) {
  subject_ = nats_subject(prefix_, owner, instance, function);
}

void NatsConnection::send(const IndexPath& channel, Bytes data, bool is_last) {
  const std::size_t size = data.size();
  queue_.push_back({channel, std::move(data), 0, is_last});
  unsent_ += size;
  total_ += size;
}

void NatsConnection::flush() {
  if (!failure().empty() || !is_open_) return;
  if (!link_->is_open()) return fail("the connection to the NATS server broke");
  if (!std::exchange(has_called_, true)) call();
  while (!peer_.empty() && !queue_.empty() && !has_to_wait()) {
    Outgoing& block = queue_.front();
    const std::size_t size = std::min(block.data.size() - block.sent, link_->max_payload());
    publish(block, size);
    block.sent += size;
    unsent_ -= size;
    if (block.sent < block.data.size()) continue;
    if (block.is_last && size != 0) publish(block, 0);
    queue_.pop_front();
  }
}

void NatsConnection::call() {
  Outgoing& block = queue_.front();
  const std::size_t size = std::min(block.data.size(), link_->max_payload());
  link_->publish(subject_, inbox_, std::span(block.data).first(size), traceparent_);
  block.sent = size;
  unsent_ -= size;
}

void NatsConnection::publish(const Outgoing& block, std::size_t size) {
  link_->publish(fmt::format("{}.{}{}{}", peer_, outgoing_, block.channel.empty() ? "" : ".",
                             fmt::join(block.channel, ".")),
                 {}, std::span(block.data).subspan(block.sent, size));
  unmarked_ += size;
  if (unmarked_ < kMarkedBytes || !can_ask()) return;
  link_->publish(peer_, fmt::format("{}.{}", inbox_, kMarkName), {});
  unmarked_ = 0;
  ++unread_marks_;
}

void NatsConnection::receive(std::string_view path, NatsMessage message) {
  if (!failure().empty()) return;
  if (message.is_no_responders()) {
    if (!peer_.empty())
      return fail(message.is_refused() ? "the peer has run out of memory" : "the peer is gone");
    // No worker has seen it.
    has_called_ = false;
    for (Outgoing& block : queue_) unsent_ += std::exchange(block.sent, 0);
    return fail(message.is_refused() ? "the server has run out of memory"
                                     : "nobody serves it at this server and prefix");
  }
  if (path == kMarkName) {
    if (unread_marks_ != 0) --unread_marks_;
    return on_ready_();
  }
  if (path.empty()) {
    // The first worker that accepts the call is its server.
    if (peer_.empty()) {
      peer_ = message.reply();
      on_ready_();
    } else if (message.reply() == fmt::format("{}.{}", peer_, kMarkName)) {
      keep({{}, std::move(message)});
    }
    return;
  }
  if (const std::optional<IndexPath> channel = read_channel(path, incoming_))
    keep({channel, std::move(message)});
}

void NatsConnection::keep(Arriving arriving) {
  const std::size_t size = arriving.message.memory();
  if (waiting_ + size > kWaitingBytes)
    return fail(fmt::format("more than {} MiB wait to be read, and NATS cannot make a sender wait",
                            kWaitingBytes >> 20));
  arrived_.push_back(std::move(arriving));
  waiting_ += size;
  on_ready_();
}

void NatsConnection::fail(std::string why) {
  if (!failure().empty()) return;
  Connection::fail(std::move(why));
  on_ready_();
}

Connection::Arrived NatsConnection::read() {
  using Kind = Arrived::Kind;
  do {
    // Data that arrived before a failure can still be read.
    if (arrived_.empty()) {
      current_.reset();
      return {failure().empty() ? Kind::Nothing : Kind::Failure};
    }
    current_.emplace(std::move(arrived_.front()));
    arrived_.pop_front();
    waiting_ -= current_->message.memory();
    if (!current_->channel) link_->publish(std::string(current_->message.reply()), {}, {});
  } while (!current_->channel);
  const std::span<const std::uint8_t> data = current_->message.data();
  // The parameters of a tenon client end with a note, so there is no need to wait for the empty
  // message.
  const bool is_end = data.empty() || (incoming_ == kParams && current_->channel->empty() &&
                                       read_note(data).has_value());
  return {Kind::Data, data, &*current_->channel, is_end};
}

void NatsConnection::reset() {
  if (is_open_ && !peer_.empty()) {
    // Other clients than tenon take the empty message alone for the end of a call that failed, unless it
    // has no result.
    try {
      Outgoing failed{kServerChannel, write_failure({.message = "the server broke off the call"})};
      publish(failed, failed.data.size());
      publish({}, 0);
    } catch (const std::bad_alloc&) {
      // The call ends at its time limit.
    }
  }
  close();
}

void NatsConnection::close() {
  if (!std::exchange(is_open_, false)) return;
  link_->close(*this);
}

}  // namespace tenon::remote

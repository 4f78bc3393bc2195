#include "remote/nats_connection.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "remote/extension.h"

namespace tenon::remote {

namespace {

constexpr std::string_view kProtocol = "wrpc.0.0.1";
constexpr std::string_view kParams = "params";
constexpr std::string_view kResults = "results";

// The header and the subjects of a message count too.
constexpr std::size_t kOverhead = 512;
// Bytes that wait in the link before others are kept back.
constexpr std::size_t kWindowBytes = std::size_t{1} << 18;
// Bytes that have arrived and that nobody has read. NATS cannot make their sender wait.
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
  link_->publish(peer_, inbox_, {});
  link_->flush();
  if (!first.data().empty()) receive(kParams, std::move(first));
}

void NatsConnection::restart() {
  close();
  Connection::fail({});
  inbox_ = link_->open(*this);
  is_open_ = true;
}

void NatsConnection::begin(std::string_view instance, std::string_view function,
                           const WorkerId* owner) {
  subject_ = nats_subject(prefix_, owner, instance, function);
}

void NatsConnection::send(const IndexPath& channel, Bytes data, bool is_last) {
  unsent_ += data.size();
  total_ += data.size();
  queue_.push_back({channel, std::move(data), 0, is_last});
}

void NatsConnection::flush() {
  if (!failure().empty() || !is_open_) return;
  if (!std::exchange(has_called_, true)) call();
  while (!peer_.empty() && !queue_.empty()) {
    if (link_->unsent() >= kWindowBytes) {
      if (!std::exchange(waits_to_send_, true))
        link_->notify_sent([weak = std::weak_ptr<NatsConnection*>(self_)] {
          const auto held = weak.lock();
          if (held == nullptr) return;
          (*held)->waits_to_send_ = false;
          (*held)->on_ready_();
        });
      break;
    }
    Outgoing& block = queue_.front();
    const std::size_t size =
        std::min(block.data.size() - block.sent, link_->max_payload() - kOverhead);
    publish(block, size);
    block.sent += size;
    unsent_ -= size;
    if (block.sent < block.data.size()) continue;
    if (block.is_last && size != 0) publish(block, 0);
    queue_.pop_front();
  }
  link_->flush();
}

void NatsConnection::call() {
  Outgoing& block = queue_.front();
  const std::size_t size = std::min(block.data.size(), link_->max_payload() - kOverhead);
  link_->publish(subject_, inbox_, std::span(block.data).first(size));
  block.sent = size;
  unsent_ -= size;
}

void NatsConnection::publish(const Outgoing& block, std::size_t size) {
  link_->publish(fmt::format("{}.{}{}{}", peer_, outgoing_, block.channel.empty() ? "" : ".",
                             fmt::join(block.channel, ".")),
                 {}, std::span(block.data).subspan(block.sent, size));
}

void NatsConnection::receive(std::string_view path, NatsMessage message) {
  if (!failure().empty()) return;
  if (path.empty()) {
    // The first worker that accepts the call is its server.
    if (peer_.empty() && !message.reply().empty()) {
      peer_ = message.reply();
      on_ready_();
    }
    return;
  }
  std::optional<IndexPath> channel = read_channel(path, incoming_);
  if (!channel) return;
  waiting_ += message.data().size();
  if (waiting_ > kWaitingBytes)
    return fail(fmt::format("more than {} MiB wait to be read, and NATS cannot make a sender wait",
                            kWaitingBytes >> 20));
  arrived_.push_back({*std::move(channel), std::move(message)});
  on_ready_();
}

void NatsConnection::note_refusal() {
  // No worker has seen it.
  has_called_ = false;
  for (Outgoing& block : queue_) unsent_ += std::exchange(block.sent, 0);
  fail("nobody serves it at this server and prefix");
}

void NatsConnection::note_break() { fail("the connection to the NATS server broke"); }

void NatsConnection::fail(std::string why) {
  if (!failure().empty()) return;
  Connection::fail(std::move(why));
  on_ready_();
}

Connection::Arrived NatsConnection::read() {
  using Kind = Arrived::Kind;
  // What has arrived before a failure is still read.
  if (arrived_.empty()) return {failure().empty() ? Kind::Nothing : Kind::Failure};
  current_.emplace(std::move(arrived_.front()));
  arrived_.pop_front();
  const std::span<const std::uint8_t> data = current_->message.data();
  waiting_ -= data.size();
  // The note of a tenon client is the end of the parameters, so their empty message need not be waited
  // for.
  const bool is_end = data.empty() || (incoming_ == kParams && current_->channel.empty() &&
                                       read_note(data).has_value());
  return {Kind::Data, data, &current_->channel, is_end};
}

void NatsConnection::reset() {
  // wRPC has no other way to say that a call failed.
  if (is_open_ && !peer_.empty() && failure().empty()) {
    publish({}, 0);
    link_->flush();
  }
  close();
}

void NatsConnection::close() {
  if (!std::exchange(is_open_, false)) return;
  link_->close(*this);
}

NatsConnector::NatsConnector(const Address& address, const NatsOptions& options,
                             const WorkerId& self, Reactor& reactor, runtime::Scheduler& scheduler)
    : prefix_(address.path) {
  auto link = NatsLink::make(address, options, self, reactor, scheduler);
  if (link)
    link_ = *std::move(link);
  else
    failure_ = link.error();
}

Result<std::shared_ptr<Connection>, std::string> NatsConnector::connect(
    Connection::OnReady on_ready) {
  if (link_ == nullptr) return failure_;
  const auto connected = link_->is_connected(on_ready);
  if (!connected) return connected.error();
  if (!*connected) return std::shared_ptr<Connection>();
  return std::shared_ptr<Connection>(
      std::make_shared<NatsConnection>(link_, prefix_, std::move(on_ready)));
}

}  // namespace tenon::remote

// A TCP server whose answers come from a plugin. One thread runs the connections, the timers and
// the plugin: the event loop of Asio.
//
//   embed_async PLUGIN PORT
//
// The plugin exports `answer: async func(line: string) -> string`, which is called for each line of
// a connection, and can import `wait: async func(ms: u32)` of `acme:server/timers`. While one call
// waits, others go on. Port 0 is any free port. The server ends at SIGTERM or SIGINT.
#include <tenon/tenon.h>

#include <asio.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <charconv>
#include <chrono>
#include <coroutine>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace {

using asio::ip::tcp;
using Answer = tenon::CallResult<std::string>;
using AnswerFunction = tenon::TypedFunction<std::string(std::string_view)>;

constexpr std::size_t kMaxLine = 1000;

// Lets the composition run on the event loop.
class LoopExecutor final : public tenon::Executor {
 public:
  explicit LoopExecutor(asio::io_context& loop) : loop_(loop) {}
  void post(std::function<void()> work) override { asio::post(loop_, std::move(work)); }

 private:
  asio::io_context& loop_;
};

// Suspends a coroutine for a time. The coroutine can be destroyed meanwhile: its caller ended.
class Pause {
 public:
  Pause(asio::io_context& loop, std::chrono::milliseconds time) : timer_(loop, time) {}

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = std::make_shared<std::coroutine_handle<>>(waiter);
    timer_.async_wait([weak = std::weak_ptr(waiter_)](std::error_code) {
      if (const auto waiting = weak.lock()) waiting->resume();
    });
  }
  void await_resume() const {}

 private:
  asio::steady_timer timer_;
  std::shared_ptr<std::coroutine_handle<>> waiter_;
};

// Calls the plugin, in a coroutine of Asio.
asio::awaitable<Answer> call(const AnswerFunction& answer, std::string_view line) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(
      [&answer, line](auto handler) {
        // A handler cannot be copied, but a callback is.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        answer.start_then([shared](Answer result) { (*shared)(std::move(result)); }, line);
      },
      asio::use_awaitable);
}

asio::awaitable<void> serve(tcp::socket socket, const AnswerFunction& answer) {
  std::string received;
  for (;;) {
    const auto [failed, size] =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(received, kMaxLine), '\n',
                                        asio::experimental::as_tuple(asio::use_awaitable));
    if (failed) co_return;
    const std::string line = received.substr(0, size - 1);
    received.erase(0, size);
    Answer result = co_await call(answer, line);
    const std::string reply = (result ? *result : "error: " + result.error().message) + "\n";
    const auto [broken, written] = co_await asio::async_write(
        socket, asio::buffer(reply), asio::experimental::as_tuple(asio::use_awaitable));
    if (broken) co_return;
  }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, const AnswerFunction& answer) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), answer), asio::detached);
  }
}

int report(const tenon::Diagnostics& problems) {
  std::fputs(tenon::print_diagnostics(problems).c_str(), stderr);
  return 1;
}

int run(const char* plugin, std::uint16_t port) {
  asio::io_context loop(1);
  LoopExecutor executor(loop);
  tenon::CompositionBuilder builder;
  const auto added = builder.add_argument(plugin);
  if (!added) return report(added.error());
  builder.set_executor(executor);
  builder.add_host_function("acme:server/timers", "wait",
                            [&loop](std::uint32_t ms) -> tenon::Task<void> {
                              co_await Pause(loop, std::chrono::milliseconds(ms));
                            });
  const tenon::Result<tenon::Composition> composition = builder.build();
  if (!composition) return report(composition.error());
  const auto answer = composition->function<std::string(std::string_view)>("", "answer");
  if (!answer) return report(answer.error());

  tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  std::printf("listening on port %d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&loop](std::error_code, int) { loop.stop(); });
  asio::co_spawn(loop, accept(acceptor, *answer), asio::detached);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  const std::string_view last = argc == 3 ? argv[2] : "";
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), port);
  if (last.empty() || error != std::errc() || end != last.data() + last.size()) {
    std::fputs("usage: embed_async PLUGIN PORT\n", stderr);
    return 2;
  }
  try {
    return run(argv[1], port);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "error: %s\n", failure.what());
    return 1;
  }
}

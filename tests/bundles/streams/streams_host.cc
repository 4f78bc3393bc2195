// x:y/lib: functions with streams and futures, in C++ over a generated header.
#include "gen/streams_host.h"

#include <new>
#include <thread>

namespace {

namespace lib = streams_host::lib;

// Reads a stream to its end.
struct Counter : std::enable_shared_from_this<Counter> {
  tenon::stream_reader<std::uint8_t> from;
  tenon::completion<tenon::expected<std::uint64_t, std::string>> done;
  std::uint64_t sum = 0;

  Counter(tenon::stream_reader<std::uint8_t> stream,
          tenon::completion<tenon::expected<std::uint64_t, std::string>> completion)
      : from(std::move(stream)), done(std::move(completion)) {}

  void read() {
    from.read(1000, [self = shared_from_this()](const std::vector<std::uint8_t>& bytes) {
      if (bytes.empty()) return self->done.complete(self->sum);
      self->sum += bytes.size();
      self->read();
    });
  }
};

// Joins the values of two futures, which come in any order.
struct Joiner : std::enable_shared_from_this<Joiner> {
  tenon::future_reader<std::string> a;
  tenon::future_reader<std::string> b;
  tenon::completion<std::string> done;
  std::optional<std::string> first;
  std::optional<std::string> second;

  Joiner(tenon::future_reader<std::string> one, tenon::future_reader<std::string> two,
         tenon::completion<std::string> completion)
      : a(std::move(one)), b(std::move(two)), done(std::move(completion)) {}

  void read() {
    a.read([self = shared_from_this()](std::optional<std::string> text) {
      self->first = std::move(text);
      self->join(self->first);
    });
    b.read([self = shared_from_this()](std::optional<std::string> text) {
      self->second = std::move(text);
      self->join(self->second);
    });
  }
  void join(const std::optional<std::string>& read) {
    if (!read) return done.fail("a future ended before it wrote a value");
    if (first && second) done.complete(*first + *second);
  }
};

// Copies one stream to another.
struct Copier : std::enable_shared_from_this<Copier> {
  tenon::stream_reader<std::uint8_t> from;
  tenon::stream_writer<std::uint8_t> to;

  Copier(tenon::stream_reader<std::uint8_t> reader, tenon::stream_writer<std::uint8_t> writer)
      : from(std::move(reader)), to(std::move(writer)) {}

  void copy() {
    from.read(4, [self = shared_from_this()](std::vector<std::uint8_t> bytes) {
      if (bytes.empty()) return self->to.close();
      self->to.write(std::move(bytes), [self](bool is_open) {
        if (is_open) self->copy();
      });
    });
  }
};

class Instance final : public streams_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& /*config*/) {
    return std::make_unique<Instance>();
  }
  ~Instance() override { join_writing(); }

  void open(tenon::completion<tenon::stream_reader<std::string>> done) override {
    join_writing();
    writing_ = std::thread([done = std::move(done)]() mutable {
      try {
        auto [writer, reader] = tenon::make_stream<std::string>();
        if (!done.try_complete(std::move(reader))) return;
        auto held = std::make_shared<tenon::stream_writer<std::string>>(std::move(writer));
        held->write({"gr\xc3\xbcn", ""}, [held](bool is_open) {
          if (is_open) held->write({"thread"}, [held](bool) { held->close(); });
        });
      } catch (const std::bad_alloc&) {
        // The stream and the call end with their objects.
      }
    });
  }

  void join(tenon::future_reader<std::string> a, tenon::future_reader<std::string> b,
            tenon::completion<std::string> done) override {
    std::make_shared<Joiner>(std::move(a), std::move(b), std::move(done))->read();
  }

  void after(tenon::future_reader<std::monostate> signal,
             tenon::completion<tenon::future_reader<std::monostate>> done) override {
    auto [writer, reader] = tenon::make_future<std::monostate>();
    auto from = std::make_shared<tenon::future_reader<std::monostate>>(std::move(signal));
    auto to = std::make_shared<tenon::future_writer<std::monostate>>(std::move(writer));
    if (!done.try_complete(std::move(reader))) return;
    from->read([from, to](std::optional<std::monostate> came) {
      if (came) to->write({}, [to](bool) {});
    });
  }

  void bytes(const lib::upload& upload,
             tenon::completion<tenon::expected<std::uint64_t, std::string>> done) override {
    if (upload.name.empty()) return done.complete(tenon::unexpected<std::string>{"it has no name"});
    std::make_shared<Counter>(upload.body.take(), std::move(done))->read();
  }

  tenon::stream_reader<std::uint8_t> copy(tenon::stream_reader<std::uint8_t> from) override {
    auto [writer, reader] = tenon::make_stream<std::uint8_t>();
    std::make_shared<Copier>(std::move(from), std::move(writer))->copy();
    return std::move(reader);
  }

 private:
  void join_writing() {
    if (writing_.joinable()) writing_.join();
  }

  std::thread writing_;  // of the last call
};

}  // namespace

TENON_HOST_MODULE(streams, "1.0.0", Instance, TENON_SERIAL_INSTANCE)

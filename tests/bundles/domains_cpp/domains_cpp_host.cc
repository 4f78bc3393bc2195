// demo:domains/lib in C++ over a generated header: it behaves as tests/bundles/domains does.
#include <cstdio>
#include <stdexcept>

#include "gen/domains_host.h"

namespace {

namespace lib = domains_host::lib;

class Instance;

class Counter final : public lib::counter {
 public:
  Counter(Instance& owner, std::uint32_t value);
  ~Counter() override;
  std::uint32_t next() override { return ++value; }
  std::uint32_t peek(counter& other) override {
    return value + dynamic_cast<Counter&>(other).value;
  }

  std::uint32_t value;
  bool is_dropped = true;  // false if a function took it

 private:
  Instance& owner_;
};

class Instance final : public domains_host::instance {
 public:
  using Created = tenon::expected<std::unique_ptr<Instance>, std::string>;

  static Created create(const tenon::host_config& config) {
    auto instance = std::make_unique<Instance>();
    instance->fault_ = config.text("fault").value_or("");
    instance->log_ = config.text("log").value_or("");
    instance->calls_ = static_cast<std::uint32_t>(config.integer("start").value_or(0));
    if (instance->fault_ == "create") return tenon::unexpected("it was told to fail");
    if (instance->fault_ == "create-throw") throw std::runtime_error("it was told to throw");
    if (instance->fault_ == "create-null") return std::unique_ptr<Instance>();
    instance->write_log("create", instance->calls_);
    return instance;
  }
  ~Instance() override { write_log("destroy", alive_); }

  static constexpr std::uint32_t function_flags(std::string_view function) {
    return function == "demo:domains/lib#spin" ? std::uint32_t{TENON_MAY_BLOCK} : 0;
  }

  std::uint32_t add(std::uint32_t a, std::uint32_t b) override {
    if (fault_ == "throw") throw std::invalid_argument("no adding");
    if (fault_ == "throw-number") throw 7;
    return a + b;
  }
  std::string echo(std::string_view s) override {
    if (fault_ == "text") return "\xff\xfe";
    return std::string(s);
  }
  std::vector<std::uint8_t> echo_bytes(std::span<const std::uint8_t> bytes) override {
    return {bytes.begin(), bytes.end()};
  }
  std::vector<lib::point> echo_points(std::span<const lib::point> points) override {
    return {points.begin(), points.end()};
  }
  std::vector<lib::named> echo_named(std::span<const lib::named> named) override {
    return {named.begin(), named.end()};
  }
  std::tuple<std::optional<std::string>, tenon::expected<std::uint8_t, std::string>,
             std::tuple<char32_t, bool, std::int64_t>, lib::trouble, lib::marks>
  echo_mixed(const std::optional<std::string_view>& a,
             const tenon::expected<std::uint8_t, std::string_view>& b,
             const std::tuple<char32_t, bool, std::int64_t>& c, const lib::trouble& d,
             const lib::marks& e) override {
    using Byte = tenon::expected<std::uint8_t, std::string>;
    return {a ? std::optional<std::string>(*a) : std::nullopt,
            b ? Byte(*b) : Byte(tenon::unexpected(std::string(b.error()))), c, d, e};
  }
  std::uint32_t calls() override { return ++calls_; }
  void boom() override { throw std::runtime_error("boom"); }
  void spin() override {
    const tenon::call call = tenon::current_call();
    while (!call.should_stop()) {
    }
  }
  std::uint32_t grow(std::uint32_t /*pages*/) override { return 0; }
  tenon::expected<std::uint32_t, std::string> check_text(std::uint32_t n) override {
    return checked(n);
  }
  tenon::expected<std::uint32_t, lib::trouble> check_trouble(std::uint32_t n) override {
    return checked(n);
  }
  tenon::expected<std::uint32_t, lib::reason> check_reason(std::uint32_t n) override {
    return checked(n);
  }
  std::shared_ptr<lib::counter> make_counter(std::uint32_t start) override {
    if (fault_ == "null") return nullptr;
    return std::make_shared<Counter>(*this, start);
  }
  std::shared_ptr<lib::counter> counter_merge(std::shared_ptr<lib::counter> a,
                                              std::shared_ptr<lib::counter> b) override {
    return std::make_shared<Counter>(*this, take(*a) + take(*b));
  }
  std::uint32_t alive() override { return alive_; }
  std::uint32_t consume(std::shared_ptr<lib::counter> c) override { return take(*c); }
  std::shared_ptr<lib::counter> make_bad() override {
    return std::make_shared<Counter>(*this, UINT32_MAX);
  }

 private:
  friend class Counter;

  static std::uint32_t checked(std::uint32_t n) {
    if (n == 0) throw std::domain_error("0 is checked and found wanting");
    return n;
  }
  static std::uint32_t take(lib::counter& argument) {
    auto& counter = dynamic_cast<Counter&>(argument);
    counter.is_dropped = false;
    return counter.value;
  }
  void write_log(const char* line, std::uint32_t number) const {
    std::FILE* const file = log_.empty() ? nullptr : std::fopen(log_.c_str(), "a");
    if (file == nullptr) return;
    std::fprintf(file, "%s %u\n", line, number);
    std::fclose(file);
  }

  std::string fault_;
  std::string log_;
  std::uint32_t calls_ = 0;
  std::uint32_t alive_ = 0;
};

Counter::Counter(Instance& owner, std::uint32_t start) : value(start), owner_(owner) {
  ++owner_.alive_;
}
Counter::~Counter() {
  if (is_dropped) owner_.write_log("drop", value);
  --owner_.alive_;
}

}  // namespace

TENON_HOST_MODULE(domains, "1.0.0", Instance, TENON_SERIAL_LIBRARY)

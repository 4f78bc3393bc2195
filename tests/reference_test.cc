// The examples of docs/reference/: the code between `// [header.h] TITLE` and `// [end]` is an
// example on the page of that header; between `// [README.md]` and `// [end]`, the example in
// README.md, and so on for other documents (tools/make_reference.py). An only example needs no title.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bindgen/bindgen.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "tenon/tenon.h"
#include "tests/support/component_file.h"
#include "tests/support/temporary_folder.h"

namespace acme {
struct Item {
  std::string name;
  std::optional<double> price;
  std::vector<std::string> tags;
};
TENON_RECORD(Item, name, price, tags)
}  // namespace acme

namespace {

const std::string kSource = TENON_SOURCE_DIR;
const std::string kGuests = kSource + "/tests/guests";

class Reference : public testing::Test {
 protected:
  void SetUp() override { said.clear(); }
  static tenon::Composition open(const std::vector<std::pair<std::string, std::string>>& units) {
    tenon::CompositionBuilder builder;
    for (const auto& [name, path] : units) builder.add_component(name, kGuests + path);
    builder.set_root(units.front().first);
    tenon::Result<tenon::Composition> built = builder.build();
    if (!built) std::abort();
    return *std::move(built);
  }
  static tenon::Composition open_kinds() { return open({{"kinds", "/kinds/kinds.wat"}}); }
  static std::vector<std::string> said;
};
std::vector<std::string> Reference::said;

class Counter {
 public:
  explicit Counter(std::uint32_t start) : count_(start) {}
  std::uint32_t next() { return ++count_; }

 private:
  std::uint32_t count_;
};

constexpr std::string_view kCart = R"((component
  (import "acme:tax/lib" (instance $lib
    (export "tax" (func (param "price" u32) (result u32)))))
  (core func $tax (canon lower (func $lib "tax")))
  (core module $m
    (import "lib" "tax" (func $tax (param i32) (result i32)))
    (func (export "total") (param i32) (result i32)
      (i32.add (local.get 0) (call $tax (local.get 0)))))
  (core instance $i (instantiate $m (with "lib" (instance (export "tax" (func $tax))))))
  (func (export "total") (param "price" u32) (result u32) (canon lift (core func $i "total")))))";

constexpr std::string_view kTax = R"((component
  (import "acme:tax/rates" (instance $rates (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $rates "rate")))
  (core module $m
    (import "rates" "rate" (func $rate (result i32)))
    (func (export "tax") (param i32) (result i32)
      (i32.div_u (i32.mul (local.get 0) (call $rate)) (i32.const 100))))
  (core instance $i (instantiate $m (with "rates" (instance (export "rate" (func $rate))))))
  (func $tax (param "price" u32) (result u32) (canon lift (core func $i "tax")))
  (instance $lib (export "tax" (func $tax)))
  (export "acme:tax/lib" (instance $lib))))";

// Runs an example in a folder of its own, with the components that it names.
class ReadmeReference : public Reference {
 protected:
  void SetUp() override {
    Reference::SetUp();
    tenon::write_component("cart.wasm", kCart);
    tenon::write_component("tax.wasm", kTax);
  }

 private:
  tenon::WorkingFolder folder_;
};

TEST_F(ReadmeReference, LinksAndCalls) {
  // [README.md]
  tenon::CompositionBuilder builder;
  builder.add_component("cart", "cart.wasm");
  builder.add_component("tax", "tax.wasm", {.reachable = tenon::Reachable::Yes});
  builder.add_host_function("acme:tax/rates", "rate", [] { return 19U; });
  tenon::Result<tenon::Composition> shop = builder.build();  // or every problem

  auto total = shop->function<std::uint32_t(std::uint32_t)>("", "total");
  tenon::CallResult<std::uint32_t> price = (*total)(200);  // 238, or why the call failed
  auto tax = shop->unit("tax")->function<std::uint32_t(std::uint32_t)>("acme:tax/lib", "tax");
  // [end]
  ASSERT_TRUE(price && tax);
  EXPECT_EQ(*price, 238U);
  EXPECT_EQ(*(*tax)(200), 38U);
}

TEST_F(Reference, Middleware) {
  // [middleware.h]
  tenon::CompositionBuilder builder;
  builder.add_component("front", kGuests + "/domains/wasm/front.wasm");
  builder.add_component("keeper", kGuests + "/domains/wasm/keeper.wasm");
  builder.add_component("lib", kGuests + "/domains/wasm/lib.wasm");
  builder.set_root("front");
  builder.add_middleware(
      "few", {.kind = tenon::Middleware::Kind::Limit, .rate = *tenon::CallRate::parse("100/s")});
  builder.wire({.import = "demo:domains/lib", .via = {"few", "tenon:log"}});
  tenon::BuildOptions options;
  options.on_log = [](std::string_view line) { said.emplace_back(line); };
  tenon::Composition composition = *builder.build(options);
  const tenon::Value numbers[] = {tenon::Value::u32(1), tenon::Value::u32(2)};
  const auto sum = composition.call("front", "add", numbers);
  // [end]
  EXPECT_EQ(**sum, tenon::Value::u32(3));
  EXPECT_THAT(said, testing::ElementsAre("front -> lib: demo:domains/lib@1.0.0#add(1, 2) = 3"));
}

TEST_F(Reference, Host) {
  const std::string folder = kGuests + "/domains/wasm";
  // [host.h] A function and a resource of the program
  tenon::HostResource<Counter> counter("demo:domains/lib", "counter");
  counter.method("next", &Counter::next);

  tenon::CompositionBuilder builder;
  builder.add_component("keeper", folder + "/keeper.wasm");
  builder.add_host_resource(counter);
  builder.add_host_function("demo:domains/lib", "calls", [] { return 7U; });
  tenon::Result<tenon::Composition> keeper = builder.build();

  // sum: func(a: borrow<counter>, b: borrow<counter>) -> u32
  auto sum = keeper->function<std::uint32_t(Counter&, Counter&)>("keeper", "sum");
  auto both = (*sum)(std::make_shared<Counter>(10), std::make_shared<Counter>(20));
  if (both) said.push_back(std::to_string(*both));  // "32"
  // [end]
  EXPECT_EQ(said.back(), "32");
}

TEST_F(Reference, HostFunction) {
  const std::string folder = kGuests + "/domains/wasm";
  tenon::HostResource<Counter> counter("demo:domains/lib", "counter");
  counter.method("next", &Counter::next);
  // [host.h] Functions that are collected first
  // Functions that parts of the program offer, added in one place.
  std::vector<tenon::HostFunction> functions;
  functions.push_back(tenon::host_function("demo:domains/lib", "calls", [] { return 7U; }));

  tenon::CompositionBuilder builder;
  builder.add_component("keeper", folder + "/keeper.wasm");
  builder.add_host_resource(counter);
  for (const tenon::HostFunction& function : functions) builder.add_host_function(function);
  if (tenon::Result<tenon::Composition> keeper = builder.build(); keeper) said.push_back("built");
  // [end]
  EXPECT_EQ(said.back(), "built");
}

TEST_F(Reference, EncodedValues) {
  const std::string packages = kGuests + "/packr/wasm/0.21.0";
  // [packr.h]
  tenon::CompositionBuilder builder;
  builder.add_package("adder", packages + "/adder.wasm");
  // The import `math.double`: func(n: s64) -> s64
  builder.add_host_function(
      "math", "double",
      tenon::RawFunction([](std::span<const std::uint8_t> params) -> tenon::RawBytes {
        const tenon::Result<tenon::GraphView> n = tenon::GraphView::open(params);
        tenon::GraphBuilder twice;
        twice.add_s64(2 * n->root().signed_integer().value_or(0));
        const std::span<const std::uint8_t> bytes = *twice.finish();
        return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
      }));
  tenon::Result<tenon::Composition> composition = builder.build();

  tenon::GraphBuilder five;
  five.add_s64(5);
  std::vector<std::uint8_t> result;
  const auto process = composition->unit("adder")->find_function("", "process");
  if (process->call_encoded(*five.finish(), result))
    if (const auto view = tenon::GraphView::open(result))
      said.push_back(std::to_string(*view->root().signed_integer()));  // "11"
  // [end]
  EXPECT_EQ(said.back(), "11");
}

TEST_F(Reference, Buffers) {
  const std::string packages = kGuests + "/packr/wasm/c";
  // [buffer.h]
  tenon::CompositionBuilder builder;
  builder.add_package("reader", packages + "/buffer_reader.wasm");
  tenon::Result<tenon::Composition> composition = builder.build();

  auto buffer = std::make_shared<tenon::Buffer>();
  const std::uint8_t part[] = {1, 2, 3};
  for (int i = 0; i < 2; ++i)
    if (!buffer->write(part)) said.emplace_back("finished");
  // The package gets a handle, and the bytes are not copied.
  const auto length = composition->unit("reader")->call("length", tenon::make_value(buffer));
  if (length) said.push_back(tenon::print_wave(**length));  // "6"
  // [end]
  EXPECT_EQ(said.back(), "6");
}

TEST_F(Reference, Unit) {
  const std::string folder = kGuests + "/domains/wasm";
  // [composition.h] Exports of a unit
  tenon::CompositionBuilder builder;
  builder.add_component("keeper", folder + "/keeper.wasm");
  builder.add_component("lib", folder + "/lib.wasm", {.reachable = tenon::Reachable::Yes});
  builder.set_root("keeper");
  tenon::Result<tenon::Composition> shop = builder.build();

  const tenon::Result<tenon::Unit> lib = shop->unit("lib");
  const tenon::Value numbers[] = {tenon::Value::u32(1), tenon::Value::u32(2)};
  const auto sum = lib->call("lib", "add", numbers);
  if (sum) said.push_back(tenon::print_wave(**sum));  // "3"
  // [end]
  EXPECT_EQ(said.back(), "3");
}

TEST_F(Reference, CallFailure) {
  const tenon::Composition shop = open_kinds();
  // [result.h] A call that fails
  const tenon::CallResult<std::optional<tenon::Value>> result = shop.call("", "crash", {});
  if (!result && result.error().kind == tenon::CallFailure::Kind::Trap)
    said.push_back(tenon::failure_diagnostic(result.error()).message);
  // [end]
  EXPECT_THAT(said.back(), testing::HasSubstr("unreachable"));
}

// [result.h] A handler for broken invariants
void stop_at_a_bug(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
  std::_Exit(70);
}
// [end]

TEST_F(Reference, Check) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        tenon::set_check_handler(stop_at_a_bug);
        tenon::fail_check("a == b", "x.cc", 3);
      },
      testing::ExitedWithCode(70), "x.cc:3: a == b");
}

TEST_F(Reference, Composition) {
  const std::string guests = kGuests;
  // [builder.h] Link and start
  tenon::CompositionBuilder builder;
  builder.add_component("front", guests + "/domains/wasm/front.wasm");
  builder.add_component("lib", guests + "/domains/wasm/lib.wasm");
  builder.add_component("keeper", guests + "/domains/wasm/keeper.wasm");
  builder.set_root("front");
  builder.isolate("lib");
  tenon::Result<tenon::Composition> shop = builder.build();
  for (const tenon::Function& function : shop->functions()) said.push_back(function.name());
  // [end]
  EXPECT_THAT(said, testing::Contains("echo-mixed"));
}

TEST_F(Reference, Wire) {
  const std::string& guests = kGuests;
  // [wire.h] Choose a provider
  tenon::CompositionBuilder builder;
  builder.add_component("front", guests + "/domains/wasm/front.wasm");
  builder.add_component("lib", guests + "/domains/wasm/lib.wasm");
  builder.add_component("second", guests + "/domains/wasm/lib.wasm");
  builder.add_component("keeper", guests + "/domains/wasm/keeper.wasm");
  builder.set_root("front");
  builder.wire({.import = "demo:domains/lib", .provider = "second"});
  const tenon::Result<tenon::Plan> plan = builder.plan();
  for (const tenon::PlanEdge& edge : plan->edges) said.push_back(edge.provider);
  // [end]
  EXPECT_THAT(said, testing::Contains("second"));
  EXPECT_THAT(said, testing::Not(testing::Contains("lib")));
}

TEST_F(Reference, Diagnostic) {
  // [result.h] All problems of a link
  tenon::CompositionBuilder builder;
  builder.add_component("shop", "not_there.wasm");
  const tenon::Result<tenon::Plan> plan = builder.plan();
  for (const tenon::Diagnostic& problem : plan.error()) said.emplace_back(problem.code);
  // [end]
  EXPECT_EQ(said.back(), "read-file");
}

// [record.h] A function that returns WIT's `result`
tenon::Expected<double, std::string> half(double of) {
  if (of == 0) return tenon::Unexpected("nothing to halve");
  return of / 2;
}
// [end]

TEST_F(Reference, Expected) {
  EXPECT_EQ(*half(3), 1.5);
  EXPECT_EQ(half(0).error(), "nothing to halve");
}

TEST_F(Reference, Function) {
  const tenon::Composition shop = open_kinds();
  // [function.h] With dynamic values
  const tenon::Result<tenon::Function> add = shop.find_function("", "add");
  const tenon::Value numbers[] = {tenon::Value::u32(1), tenon::Value::u32(2)};
  const tenon::CallResult<std::optional<tenon::Value>> sum = add->call(numbers);
  // [end]
  EXPECT_EQ(**sum, tenon::Value::u32(3));
}

TEST_F(Reference, Inspect) {
  const std::string guests = kGuests;
  // [inspect.h] The exports of a component
  const tenon::Result<tenon::Inspection> lib =
      tenon::inspect_file(guests + "/domains/wasm/lib.wasm");
  for (const tenon::PlanItem& item : lib->exports) said.push_back(item.name);
  // [end]
  EXPECT_EQ(said.back(), "demo:domains/lib@1.0.0");
}

TEST_F(Reference, Wit) {
  const tenon::WorkingFolder here;
  here.write("tax.wit",
             "package acme:tax@1.0.0;\n"
             "interface lib { @unstable(feature = fancy) rate: func() -> f64; }\n");
  // [wit.h]
  const tenon::Result<tenon::WitText> plain = tenon::read_wit("tax.wit");
  for (const tenon::Diagnostic& note : plain->notes) said.emplace_back(note.code);
  const tenon::Result<tenon::WitText> fancy = tenon::read_wit("tax.wit", {.names = {"fancy"}});
  // [end]
  EXPECT_THAT(said, testing::ElementsAre("gated-items"));
  EXPECT_THAT(fancy->text, testing::HasSubstr("rate: func() -> f64;"));
}

TEST_F(Reference, Extension) {
  const tenon::TemporaryFolder folder;
  const std::string component = kGuests + "/domains/wasm/lib.wasm";
  // [extension.h]
  tenon::ExtensionStore store({.folder = folder.path() / "extensions"});
  const auto added = store.add({{.source = component, .name = "counters"}});
  const auto libraries = store.libraries();
  for (const tenon::ExtensionLibrary& library : *libraries)
    said.push_back(library.provider + ": " + library.interface);
  const auto running = store.link("counters")->build();
  // [end]
  EXPECT_TRUE(added && running);
  EXPECT_THAT(said, testing::ElementsAre("counters: demo:domains/lib@1.0.0"));
}

TEST_F(Reference, HostBundle) {
  const std::string bundles = std::string(TENON_BINARY_DIR) + "/bundles";
  // [inspect.h] The configuration of a host bundle
  const tenon::HostSearch search{.folders = {bundles}};
  const auto db = tenon::inspect_host_bundle("domains", search);
  for (const tenon::HostBundleKey& key : db->config) said.push_back(key.name + ": " + key.type);
  // [end]
  EXPECT_THAT(said, testing::ElementsAre("fault: string", "log: path", "start: integer"));
}

TEST_F(Reference, Plan) {
  tenon::CompositionBuilder builder;
  builder.add_component("front", kGuests + "/domains/wasm/front.wasm");
  builder.add_component("lib", kGuests + "/domains/wasm/lib.wasm");
  builder.add_component("keeper", kGuests + "/domains/wasm/keeper.wasm");
  // [plan.h] Who provides what
  const tenon::Result<tenon::Plan> plan = builder.plan();
  for (const tenon::PlanEdge& edge : plan->edges)
    said.push_back(edge.consumer + " <- " + edge.provider);
  // [end]
  EXPECT_THAT(said, testing::Contains("front <- lib"));
}

TEST_F(Reference, PlanNames) {
  tenon::CompositionBuilder builder;
  builder.add_component("lib", kGuests + "/domains/wasm/lib.wasm");
  const tenon::Result<tenon::Plan> plan = builder.plan();
  // [plan.h] Names of kinds
  for (const tenon::PlanUnit& unit : plan->units)
    said.push_back(unit.name + ": " + std::string(tenon::get_name(unit.kind)));
  // [end]
  EXPECT_THAT(said, testing::ElementsAre("lib: component"));
}

TEST_F(Reference, Record) {
  tenon::Composition shop = open_kinds();
  // [record.h] A struct as a record
  // struct Item {
  //   std::string name;
  //   std::optional<double> price;
  //   std::vector<std::string> tags;
  // };
  // TENON_RECORD(Item, name, price, tags)
  auto same = shop.function<acme::Item(acme::Item)>("acme:kinds/same", "same-item");
  const tenon::CallResult<acme::Item> item = (*same)({"tea", 2.5, {"hot"}});
  // [end]
  EXPECT_EQ(item->price, 2.5);
  EXPECT_EQ(item->tags, std::vector<std::string>{"hot"});
}

TEST_F(Reference, Remote) {
  const std::string folder = kGuests + "/domains/wasm";
  tenon::CompositionBuilder providers;
  providers.add_component("lib", folder + "/lib.wasm");
  tenon::Composition lib = *providers.build();
  // [remote.h] Serve a composition, and use it from another one
  tenon::Result<tenon::Server> server = lib.serve({.listen = {"tcp://[::1]:0"}});
  std::thread serving([&] { server->run(); });
  const std::string address = server->addresses().front();  // with the port

  tenon::CompositionBuilder builder;
  builder.add_component("front", folder + "/front.wasm");
  builder.add_component("keeper", folder + "/keeper.wasm");
  builder.set_root("front");
  builder.add_remote("lib", address, {.interfaces = {"demo:domains/lib"}});
  tenon::Result<tenon::Composition> front = builder.build();
  auto add = front->function<std::uint32_t(std::uint32_t, std::uint32_t)>("front", "add");
  tenon::CallResult<std::uint32_t> sum = (*add)(2, 3);  // made by `lib`, over the socket

  server->stop();  // calls in progress finish
  serving.join();
  // [end]
  EXPECT_EQ(*sum, 5U);
}

TEST_F(Reference, Http) {
  const std::string file = kSource + "/tests/http/answers02.wat";
  // [http.h] Answer HTTP requests
  tenon::CompositionBuilder builder;
  builder.add_component("site", file);
  builder.prepare_http();
  tenon::Composition site = *builder.build();
  tenon::Result<tenon::Server> server = site.serve({.http = {.listen = {"127.0.0.1:0"}}});
  std::thread serving([&] { server->run(); });
  const std::string url = server->addresses().front();  // http://127.0.0.1:41234

  server->stop();  // requests in progress finish
  serving.join();
  // [end]
  EXPECT_THAT(url, testing::StartsWith("http://127.0.0.1:"));
}

TEST_F(Reference, HttpWithoutASocket) {
  tenon::CompositionBuilder builder;
  builder.add_component("site", kSource + "/tests/http/answers02.wat");
  builder.prepare_http();
  tenon::Composition site = *builder.build();
  // [docs/http.md]
  tenon::Server server = *site.serve({.http = {.in_process = true}});
  tenon::CallResult<tenon::HttpResponse> response =
      *server.send({.method = "POST", .target = "/echo", .body = "some text"}).wait();
  tenon::CallResult<std::string> text = *response->body.read_all().wait();
  // [end]
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "some text");
}

bool is_member(const tenon::HttpRequest& request) {
  return std::ranges::any_of(request.fields,
                             [](const auto& field) { return field.first == "cookie"; });
}

// [docs/http.md]
tenon::Task<tenon::CallResult<tenon::HttpResponse>> check(tenon::HttpRequest request,
                                                          tenon::HttpNext next) {
  if (!is_member(request)) co_return tenon::HttpResponse{.status = 403};
  request.fields.emplace_back("x-user", "ada");
  tenon::CallResult<tenon::HttpResponse> response = co_await next(std::move(request));
  if (response) response->fields.emplace_back("x-frame-options", "DENY");
  co_return response;
}
// [end]

TEST_F(Reference, HttpHandler) {
  tenon::CompositionBuilder builder;
  builder.add_component("site", kGuests + "/http/wasm/wstd.wasm");
  builder.prepare_http();
  // [docs/http.md]
  builder.add_http_route({.path = "/*", .handler = check, .unit = "site"});
  // [end]
  tenon::Composition site = *builder.build();
  tenon::Server server = *site.serve({.http = {.in_process = true}});
  EXPECT_EQ((*server.send({}).wait())->status, 403);
  const tenon::CallResult<tenon::HttpResponse> response =
      *server.send({.target = "/headers", .fields = {{"cookie", "member=1"}}}).wait();
  ASSERT_TRUE(response);
  EXPECT_THAT(response->fields, testing::Contains(testing::Pair("x-user", "ada")));
  EXPECT_THAT(response->fields, testing::Contains(testing::Pair("x-frame-options", "DENY")));
}

TEST_F(Reference, Resource) {
  tenon::Composition lib = open({{"lib", "/domains/wasm/lib.wasm"}});
  // [record.h] Resources of a guest
  auto make = lib.function<tenon::Resource(std::uint32_t)>("lib", "[constructor]counter");
  auto next = lib.function<std::uint32_t(tenon::Borrow)>("lib", "[method]counter.next");
  const tenon::CallResult<tenon::Resource> counter = (*make)(41);
  const tenon::CallResult<std::uint32_t> number = (*next)(*counter);
  // [end]
  ASSERT_TRUE(number);
  EXPECT_EQ(*(*next)(*counter), *number + 1);
}

// [result.h] Pass problems on
tenon::Result<std::string> name_root(tenon::CompositionBuilder& builder) {
  tenon::Result<tenon::Plan> plan = builder.plan();
  if (!plan) return std::move(plan).error();
  return plan->root;
}
// [end]

TEST_F(Reference, Result) {
  tenon::CompositionBuilder builder;
  EXPECT_FALSE(name_root(builder));
  builder.add_component("lib", kGuests + "/domains/wasm/lib.wasm");
  builder.set_root("lib");
  EXPECT_EQ(*name_root(builder), "lib");
}

TEST_F(Reference, TraceCall) {
  tenon::CompositionBuilder builder;
  builder.add_component("front", kGuests + "/domains/wasm/front.wasm");
  builder.add_component("lib", kGuests + "/domains/wasm/lib.wasm");
  builder.add_component("keeper", kGuests + "/domains/wasm/keeper.wasm");
  builder.set_root("front");
  // [trace.h] Trace calls between domains
  builder.isolate_all();
  tenon::BuildOptions options;
  options.trace_calls = [](const tenon::TraceCall& call) {
    said.push_back(call.function + "(" + call.arguments + ") = " + call.result);
  };
  tenon::Result<tenon::Composition> shop = builder.build(options);
  const tenon::Value numbers[] = {tenon::Value::u32(1), tenon::Value::u32(2)};
  const auto sum = shop->call("front", "add", numbers);
  // [end]
  ASSERT_TRUE(sum);
  EXPECT_EQ(said.back(), "demo:domains/lib@1.0.0.add(1, 2) = 3");
}

TEST_F(Reference, Type) {
  const tenon::Composition shop = open_kinds();
  // [type.h]
  const tenon::Result<tenon::Function> add = shop.find_function("", "add");
  for (const tenon::TypeField& parameter : add->type().params())
    said.push_back(parameter.label + ": " + parameter.type.wit());
  // [end]
  EXPECT_EQ(said.back(), "b: u32");
}

TEST_F(Reference, TypedFunction) {
  tenon::Composition shop = open_kinds();
  // [function.h] With C++ types
  auto add = shop.function<std::uint32_t(std::uint32_t, std::uint32_t)>("", "add");
  ASSERT_TRUE(add);  // or add.error() says where the types do not fit
  const tenon::CallResult<std::uint32_t> sum = (*add)(1, 2);
  // [end]
  EXPECT_EQ(*sum, 3U);
}

TEST_F(Reference, Task) {
  tenon::Composition shop = open_kinds();
  // [task.h] Start a call, and take its result later
  auto add = shop.function<std::uint32_t(std::uint32_t, std::uint32_t)>("", "add");
  tenon::Task<tenon::CallResult<std::uint32_t>> sum = add->start(1, 2);
  add->start_then(
      [](const tenon::CallResult<std::uint32_t>& other) { said.push_back(std::to_string(*other)); },
      3, 4);
  const auto result = sum.wait(std::chrono::seconds(1));  // or co_await std::move(sum)
  // [end]
  EXPECT_EQ(**result, 3U);
  EXPECT_EQ(said.back(), "7");
}

TEST_F(Reference, Stream) {
  tenon::CompositionBuilder builder;
  builder.add_component("lib", kSource + "/tests/golden/async/stream_to_lib/lib.wat");
  const tenon::Composition shop = *builder.build();
  // [stream.h] Write bytes to a function
  auto shout = shop.function<std::string(tenon::Stream<std::uint8_t>)>("x:y/lib", "shout");
  auto [writer, bytes] = tenon::make_stream<std::uint8_t>();
  tenon::Task<tenon::CallResult<std::string>> text = shout->start(std::move(bytes));
  const std::array<std::uint8_t, 2> data = {'h', 'i'};
  (void)writer.write(data).wait();  // or co_await writer.write(data)
  writer.close();
  const auto shouted = text.wait();
  // [end]
  EXPECT_EQ(**shouted, "hi!");
}

TEST_F(Reference, StreamOfValues) {
  tenon::CompositionBuilder builder;
  builder.add_component("lib", kSource + "/tests/golden/async/stream_to_lib/lib.wat");
  const tenon::Composition shop = *builder.build();
  // [stream.h] The same with dynamic values
  const tenon::Result<tenon::Function> shout = shop.find_function("x:y/lib", "shout");
  auto [writer, bytes] = tenon::ValueStreamWriter::make(shout->type().params()[0].type);
  auto text = shout->start(std::vector{bytes});
  const std::vector<std::uint8_t> data = {'h', 'i'};
  (void)writer.write_bytes(data).wait();
  writer.close();
  const auto shouted = text.wait();
  // [end]
  EXPECT_EQ(tenon::print_wave(***shouted), "\"hi!\"");
}

TEST_F(Reference, Value) {
  // [value.h] A record
  const tenon::Value item = tenon::Value::record(
      {{"name", tenon::Value::string("tea")}, {"price", tenon::Value::f64(2.5)}});
  const auto* record = item.get_if<tenon::ValueRecord>();
  const double* price = record->find("price")->get_if<double>();
  // [end]
  EXPECT_EQ(*price, 2.5);
}

TEST_F(Reference, Trust) {
  const tenon::WorkingFolder here;
  here.write("tenon.toml",
             "schema = 1\n[project]\nroot = \"app\"\n[components.app]\npath = \"app.wat\"\n"
             "[domains.main]\nnet = [\"127.0.0.1:443\"]\n");
  here.write("app.wat", "(component)");
  tenon::CompositionBuilder builder;
  // [trust.h]
  if (!builder.read_manifest("tenon.toml")) std::abort();
  const tenon::TrustFile trust("state/trust.toml");
  const auto unknown = trust.find_new(builder.manifest_requests());
  for (const tenon::ManifestRequest& request : *unknown)
    said.push_back(tenon::describe_request(request));  // ask the user, then:
  if (trust.add(*unknown)) builder.trust();
  // [end]
  EXPECT_THAT(said, testing::ElementsAre("the network: 127.0.0.1:443"));
  EXPECT_TRUE(builder.build());
  EXPECT_TRUE(trust.find_new(builder.manifest_requests())->empty());
}

TEST_F(Reference, Cache) {
  const tenon::WorkingFolder folder;
  tenon::CompositionBuilder builder;
  builder.add_component("kinds", TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat");
  // [cache.h]
  if (!builder.prepare({.cache_dir = "cache"})) std::abort();
  const tenon::Result<tenon::CacheInfo> info = tenon::inspect_cache("cache");
  if (info->total().bytes > info->max_bytes / 2) (void)tenon::clean_cache("cache");
  // [end]
  EXPECT_GT(info->code.files, 0U);
}

TEST_F(Reference, ValueText) {
  const tenon::Composition shop = open_kinds();
  // [value.h] A call as text
  const tenon::Result<tenon::WaveCall> call = tenon::parse_wave_call("add(1, 2)");
  const tenon::Result<tenon::Function> add = shop.find_function(*call);
  const auto numbers = tenon::parse_wave_arguments(*call, add->type());
  const auto sum = add->call(*numbers);
  said.push_back(tenon::print_wave(**sum));
  // [end]
  EXPECT_EQ(said.back(), "3");
}

}  // namespace

#include "link/serve.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "link/callees.h"
#include "link/exports.h"
#include "link/http_domains.h"
#include "resolve/http_interfaces.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/hash_function.h"
#include "types/interface_name.h"
#include "types/uses.h"
#include "value/type_graph.h"

namespace tenon::link {

namespace {

// The name of an export, and that of the interface which it implements.
std::vector<std::string> selected_names(const ExportedItem& item) {
  std::vector<std::string> names = {item.interface.empty() ? item.name : item.interface};
  if (!item.implements.empty()) names.push_back(item.implements);
  return names;
}

// Selects functions by the patterns of `only`, which must all match something.
class Selection final {
 public:
  explicit Selection(const std::vector<std::string>& only) {
    for (const std::string& text : only) {
      auto pattern = resolve::parse_name_pattern(text);
      if (pattern)
        patterns_.push_back({*std::move(pattern)});
      else
        complain(fmt::format("`{}` is not the name of an export: {}", text, pattern.error().reason),
                 "write it as in WIT: `acme:tax/lib`");
    }
  }

  bool selects(const ExportedItem& item) {
    if (patterns_.empty()) return problems_.empty();
    bool is_selected = false;
    for (const std::string& name : selected_names(item)) {
      const Result<types::ItemName> parsed = types::parse_item_name(name);
      for (Entry& entry : patterns_) {
        if (!parsed || !resolve::matches_name(entry.pattern, *parsed)) continue;
        entry.is_used = true;
        is_selected = true;
      }
    }
    return is_selected;
  }

  // After all were tried.
  Diagnostics find_problems(const std::vector<ExportedItem>& items) {
    for (const Entry& entry : patterns_) {
      if (entry.is_used) continue;
      std::vector<std::string> names;
      for (const ExportedItem& item : items)
        std::ranges::move(selected_names(item), std::back_inserter(names));
      complain(fmt::format("no export matches `{}`", entry.pattern.text),
               suggest_name(entry.pattern.text, std::move(names), "exports"));
    }
    return std::move(problems_);
  }

 private:
  struct Entry {
    resolve::NamePattern pattern;
    bool is_used = false;
  };

  void complain(std::string message, std::string hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
    problem.hints.push_back(std::move(hint));
    problems_.push_back(std::move(problem));
  }

  std::vector<Entry> patterns_;
  Diagnostics problems_;
};

// Traces the calls of peers, if calls are traced.
void trace_calls(Running& running, CallTable& calls, const ExportedItem& item,
                 ExportCallee& callee) {
  if (running.trace == nullptr || !running.trace->has_calls()) return;
  auto edge = std::make_shared<const runtime::TracedEdge>(
      runtime::TracedEdge{.side = TraceCall::Side::Server,
                          .consumer = {},
                          .provider = calls.plan().units[item.from.unit].name,
                          .function = print_call_name(item.interface, item.name)});
  auto values = callee.values == nullptr ? calls.types().make_values(callee.shape, item.function)
                                         : callee.values;
  callee.callee = std::make_unique<runtime::TracedCallee>(
      *running.trace, std::move(edge), callee.shape, std::move(values), std::move(callee.callee));
}

struct Selected {
  std::vector<remote::ServedFunction> served;
  std::vector<ServedItem> shown;
};

Result<Selected> select_functions(Running& running, const std::vector<std::string>& only) {
  const std::lock_guard tables(running.tables);
  CallTable& calls = call_table(running);
  const std::vector<ExportedItem>& items = calls.functions();
  Selection selection(only);
  Selected selected;
  for (const ExportedItem& item : items) {
    if (!selection.selects(item)) continue;
    ServedItem shown{.interface = item.interface,
                     .function = item.name,
                     .obstacle = {},
                     .implements = item.implements};
    if (const auto obstacle = types::find_remote_obstacle(calls.types().types(), item.function,
                                                          types::RemotePeer::Unknown))
      shown.obstacle = *obstacle;
    else {
      const FunctionType type = value::make_function_type(calls.types().graph(), item.function);
      const std::string function = item.interface.empty() ? std::string() : item.name;
      Result<ExportCallee> callee =
          calls.package_of(item.from.unit) != nullptr
              ? make_canonical_callee(running, calls, item.from, function, type)
              : make_export_callee(running, calls, item, type);
      if (callee) trace_calls(running, calls, item, *callee);
      if (callee)
        selected.served.push_back(
            {.instance = item.interface,
             .implements = item.implements,
             .function = item.name,
             .name = shown_name(item.interface, item.name),
             .shape = std::move(callee->shape),
             .callee = std::move(callee->callee),
             .type_digest = types::hash_function(calls.types().types(), item.function),
             .type = type.wit(item.name)});
      else
        shown.obstacle = callee.error().front().message;
    }
    selected.shown.push_back(std::move(shown));
  }
  Diagnostics problems = selection.find_problems(items);
  if (problems.empty() && selected.served.empty()) {
    Diagnostic problem =
        make_diagnostic(Code::RemoteType, "`{}` has nothing to serve: {}", running.request.name,
                        selected.shown.empty() ? "it exports no function"
                                               : "peers cannot call any of its functions");
    for (const ServedItem& item : selected.shown)
      problem.notes.push_back(
          {.text =
               fmt::format("`{}`: {}", shown_name(item.interface, item.function), item.obstacle),
           .excerpt = {},
           .related = {}});
    problem.hints.emplace_back("make the unit the root whose exports are to be served",
                               HintWays{.program = "`set_root`",
                                        .command = "--root UNIT",
                                        .manifest = {"[project]", "root = \"UNIT\""}});
    problem.hints.emplace_back(
        "or export more",
        HintWays{.program = "`export_item` or `export_all`",
                 .command = "--export UNIT:ITEM",
                 .manifest = {"[[export]]", "unit = \"UNIT\"", "item = \"ITEM\""}});
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return selected;
}

// REQUIRES, here and for the others: the tables are locked
Diagnostic refuse_without_handler(Running& running) {
  Diagnostic problem = make_diagnostic(Code::HttpHandler, "`{}` cannot answer HTTP requests: {}",
                                       running.request.name, resolve::kWithoutHttpHandler);
  for (const PlanExport& item : get_shown_plan(running).exports)
    problem.notes.push_back({fmt::format("it exports `{}`", item.name), {}, {}});
  problem.hints.emplace_back("make the unit with the handler the root",
                             HintWays{.program = "`set_root`",
                                      .command = "--root UNIT",
                                      .manifest = {"[project]", "root = \"UNIT\""}});
  return problem;
}

// What a composition adds to the metrics of its server. Thread: that of the composition.
void print_metrics(Running& running, http::MetricText& text) {
  const auto print = [&](std::string_view name, std::string_view kind, std::string_view help,
                         auto&& count) {
    text.begin(name, kind, help);
    for (const auto& domain : running.domains) {
      double sum = 0;
      for (const runtime::Domain* const each : list_pool(*domain))
        sum += static_cast<double>(count(*each));
      text.add({{"domain", domain->name()}}, sum);
    }
  };
  print("tenon_domain_instances", "gauge", "Running instances of a domain.",
        [](const runtime::Domain& domain) { return domain.is_alive(); });
  print("tenon_domain_calls_in_progress", "gauge", "Calls that the instances of a domain answer.",
        [](const runtime::Domain& domain) { return domain.calls().all().size(); });
  print("tenon_domain_restarts_total", "counter", "Lives of a domain that replaced an ended one.",
        [](const runtime::Domain& domain) { return domain.restarts(); });
  text.begin("tenon_calls_total", "counter", "Calls between units of different domains.");
  running.edge_counts.visit([&](const EdgeName& edge, std::uint64_t count) {
    text.add(
        {{"consumer", edge.consumer}, {"provider", edge.provider}, {"function", edge.function}},
        static_cast<double>(count));
  });
}

// An instance that ends with its requests cannot be the one that other domains call.
Diagnostic refuse_shared_domain(const DomainRow& row) {
  Diagnostic problem = make_diagnostic(Code::HttpHandler,
                                       "`{}` cannot answer HTTP requests: units of other domains "
                                       "call its units, and each request gets an "
                                       "instance of its own of the whole domain",
                                       row.name);
  problem.hints.emplace_back("place what they call in a domain of its own",
                             HintWays{.program = "`isolate(\"UNIT\")`",
                                      .command = "--isolate=UNIT",
                                      .manifest = {"[components.UNIT]", "isolated = true"}});
  return problem;
}

Diagnostic refuse_unprepared(const Running& running) {
  Diagnostic problem =
      make_diagnostic(Code::HttpHandler,
                      "`{}` cannot answer HTTP requests: it was built without instances for them",
                      running.request.name);
  problem.hints.emplace_back("call `CompositionBuilder::prepare_http` before `build`");
  return problem;
}

Diagnostic refuse_sharing(const HttpInstances& use, const std::string& handler) {
  Diagnostic problem = make_diagnostic(Code::HttpHandler,
                                       "an instance cannot answer {} requests at once: `{}` is "
                                       "of WASI 0.2, whose functions run one "
                                       "after another in an instance",
                                       use.share, handler);
  problem.hints.emplace_back(
      "reuse instances without sharing them",
      HintWays{.program = "`HttpInstances::reuse`", .command = "--http-reuse N", .manifest = {}});
  problem.hints.emplace_back("or build the unit with a handler of WASI 0.3");
  return problem;
}

Diagnostic refuse_few_requests(const HttpInstances& use) {
  Diagnostic problem = make_diagnostic(
      Code::HttpHandler, "an instance cannot answer {} requests at once: it ends after {} of them",
      use.share, use.reuse);
  problem.hints.emplace_back(
      "let it answer as many at least",
      HintWays{.program = "`HttpInstances::reuse`",
               .command = fmt::format("--http-reuse {}", use.share),
               .manifest = {"[http]", fmt::format("reuse = {}", use.share)}});
  return problem;
}

// Whether clients reach the handler of a domain, and not only handlers of the program that stand before it.
bool answers_clients(const Request& request, const DomainRow& row) {
  const auto names_unit = [](const HttpRoute& route) { return !route.unit.empty(); };
  if (std::ranges::any_of(request.http_routes, names_unit))
    return std::ranges::find(request.http_routes, row.http_unit, &HttpRoute::unit) !=
           request.http_routes.end();
  return std::ranges::any_of(row.exports, [&](const ExportRow& item) {
    return item.user == ExportRow::User::Composition && item.name == row.http_handler;
  });
}

// The files of addresses with TLS: those that the manifest names give way to the caller's.
TlsOptions choose_tls(const ServeOptions& options) {
  const TlsOptions& own = options.tls;
  TlsOptions tls = options.http.tls;
  if (!own.ca.empty()) tls.ca = own.ca;
  if (!own.certificate.empty() || !own.key.empty()) {
    tls.certificate = own.certificate;
    tls.key = own.key;
  }
  return tls;
}

// What answers requests: the handlers of the routes, or that of the root. Errors: http-handler, http-route.
Result<http::Site> find_site(Running& running, const ServeOptions& options) {
  const std::lock_guard tables(running.tables);
  const Request& request = running.request;
  const HttpInstances& use = request.http_use;
  http::Site site{.handlers = {},
                  .requests = std::size_t{request.http_instances} * std::max(use.share, 1u),
                  .ready = {.count = use.warm, .idle = use.idle},
                  .tls = choose_tls(options),
                  .on_refused = options.on_failure};
  Diagnostics problems;
  if (!request.http_routes.empty()) {
    Result<http::Router> router = http::Router::make(request.http_routes);
    if (router)
      site.router = *std::move(router);
    else
      problems = std::move(router).error();
  }
  const std::vector<DomainRow>& rows = running.start->domains;
  const auto is_for_domains = [](const ExportRow& item) {
    return item.user == ExportRow::User::Domains;
  };
  bool has_few_requests = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DomainRow& row = rows[i];
    if (row.http_handler.empty() || !answers_clients(request, row)) continue;
    if (std::ranges::any_of(row.exports, is_for_domains))
      problems.push_back(refuse_shared_domain(row));
    site.handlers.push_back(make_handler(row, *running.domains[i]));
    const bool is_02 = site.handlers.back().track == engine::WasiTrack::Wasi02;
    const bool is_shared = use.share > 1;
    if (is_shared && is_02) problems.push_back(refuse_sharing(use, row.http_handler));
    has_few_requests |= is_shared && !is_02 && use.share > use.reuse;
  }
  if (has_few_requests) problems.push_back(refuse_few_requests(use));
  if (site.handlers.empty() && request.http_routes.empty())
    problems.push_back(refuse_without_handler(running));
  else if (!site.handlers.empty() && request.http_instances == 0)
    problems.push_back(refuse_unprepared(running));
  if (!problems.empty()) return problems;
  site.print_metrics = [&running](http::MetricText& text) { print_metrics(running, text); };
  return site;
}

// Collects the problems of all that is to be served.
class Starter final {
 public:
  Starter(Running& running, const ServeOptions& options) : running_(running), options_(options) {}

  Result<Serving> start() && {
    const HttpOptions& http = options_.http;
    if (http.in_process || !http.listen.empty() || !http.sockets.empty() ||
        !http.tls_sockets.empty())
      keep(answer_http());
    if (!options_.listen.empty() || !options_.sockets.empty()) keep(serve_peers());
    if (!problems_.empty()) return std::move(problems_);
    return std::move(serving_);
  }

 private:
  void keep(Result<void> result) {
    if (!result) std::ranges::move(result.error(), std::back_inserter(problems_));
  }
  void listens_at(Result<std::string> address) {
    if (address)
      serving_.addresses.push_back(*std::move(address));
    else
      keep(std::move(address).error());
  }

  Result<void> answer_http() {
    TENON_TRY(http::Site site, find_site(running_, options_));
    for (const runtime::HttpHandler& handler : site.handlers)
      serving_.functions.push_back(
          {.interface = handler.interface, .function = "handle", .obstacle = {}, .implements = {}});
    TENON_TRY(serving_.http, http::Server::open(std::move(site), options_.http, running_.shared));
    for (const std::string& text : options_.http.listen) listens_at(serving_.http->listen(text));
    for (const int socket : options_.http.sockets)
      listens_at(serving_.http->listen_on(socket, false));
    for (const int socket : options_.http.tls_sockets)
      listens_at(serving_.http->listen_on(socket, true));
    if (const std::string& text = options_.http.metrics; !text.empty())
      listens_at(serving_.http->listen_for_metrics(text));
    return {};
  }

  // The addresses are tried even if there is nothing to serve, so that all problems are found.
  Result<void> serve_peers() {
    Result<Selected> selected = select_functions(running_, options_.only);
    if (!selected) {
      keep(std::move(selected).error());
      selected = Selected();
    }
    TENON_TRY(const remote::Worker* const worker, running_.remotes.worker());
    TENON_TRY(remote::Reactor* const reactor, running_.remotes.reactor(running_.shared.scheduler));
    for (ServedItem& item : selected->shown)
      if (!is_handler(item)) serving_.functions.push_back(std::move(item));
    serving_.server =
        std::make_unique<remote::Server>(std::move(selected->served),
                                         remote::ServerLimits{.is_insecure = options_.insecure,
                                                              .tls = options_.tls,
                                                              .credentials = options_.credentials,
                                                              .connections = options_.connections,
                                                              .calls = options_.calls},
                                         *worker, *reactor, running_.shared, options_.on_failure);
    const auto print = [](const remote::Address& address) {
      return remote::print_address(address);
    };
    for (const std::string& text : options_.listen) {
      Result<remote::Address> address = remote::parse_address(text);
      if (address) address = serving_.server->listen(*address);
      listens_at(address ? Result<std::string>(print(*address)) : std::move(address).error());
    }
    for (const int socket : options_.sockets) {
      const Result<remote::Address> address = serving_.server->listen_on(socket);
      listens_at(address ? Result<std::string>(print(*address)) : address.error());
    }
    return {};
  }

  // Whether an item is shown already, as the handler of HTTP requests.
  [[nodiscard]] bool is_handler(const ServedItem& item) const {
    return serving_.http != nullptr &&
           std::ranges::find(serving_.http->handlers(), item.interface,
                             &runtime::HttpHandler::interface) != serving_.http->handlers().end();
  }

  Running& running_;
  const ServeOptions& options_;
  Serving serving_;
  Diagnostics problems_;
};

}  // namespace

Result<Serving> serve(Running& running, const ServeOptions& options) {
  return Starter(running, options).start();
}

}  // namespace tenon::link

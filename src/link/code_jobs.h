// Code that a link needs: what the cache has is taken from there, and the rest is compiled together,
// the largest first, on all cores and within a budget of memory.
//
//   CodeJobs jobs(cache, threads);
//   jobs.add<engine::CompiledModule>(engine, key, bytes);
//   TENON_TRY_VOID(jobs.run(check));
//   TENON_TRY(const auto code, jobs.get<engine::CompiledModule>(*engine, key));
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "engine/code.h"
#include "engine/code_cache.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::link {

// The wasm of a job: part of bytes that are kept alive.
struct JobBytes {
  std::shared_ptr<const Bytes> owner;
  std::span<const std::uint8_t> wasm;
  std::string unit = {};  // whose bytes they are, or the domain of several
};

// The number of processors that this process may run on, at least 1.
[[nodiscard]] std::size_t count_processors();

// Thread: one at a time.
class CodeJobs final {
 public:
  // threads: how many compile at the same time; the engine uses all cores for each of them.
  CodeJobs(const engine::CodeCache& cache, std::size_t threads)
      : cache_(cache), threads_(threads) {}

  // Compiled, here and below: engine::CompiledComponent or engine::CompiledModule.
  template <class Compiled>
  using Code = std::shared_ptr<const Compiled>;

  // The code of a key, if it is in the cache or was found before; otherwise null.
  template <class Compiled>
  [[nodiscard]] Code<Compiled> find(const std::shared_ptr<const engine::Engine>& engine,
                                    const std::string& key);

  // Has `run` compile these bytes if the code of the key is not in the cache.
  template <class Compiled>
  void add(const std::shared_ptr<const engine::Engine>& engine, const std::string& key,
           JobBytes bytes);

  // Compiles what was added and not found. Between two compilations, `check` can end the work.
  // Errors: those of `check`. Errors of compilations are left to `get`.
  Result<void> run(const std::function<Result<void>()>& check);

  // The code of a key. Errors: those of `Compiled::compile`. REQUIRES: it was added, `run` succeeded
  template <class Compiled>
  [[nodiscard]] Result<Code<Compiled>> get(const engine::Engine& engine,
                                           const std::string& key) const;

  // Calls the compiler, perhaps on another thread. Empty: on the thread of the job.
  std::function<void(const std::function<void()>& compile)> call_compiler = {};
  // Called before each compilation, on its thread. Can be empty.
  std::function<void(const CompileStep&)> on_compile = {};

  // The durations of the compilations, added for each unit.
  [[nodiscard]] std::vector<UnitTime> times() const;
  // The warnings of the cache.
  [[nodiscard]] Diagnostics warnings() const;

 private:
  template <class Compiled>
  struct Job {
    std::shared_ptr<const engine::Engine> engine;
    JobBytes bytes = {};
    Code<Compiled> code = {};
    double milliseconds = 0;  // of the compilation
    Diagnostics problems = {};
    Diagnostics warnings = {};
  };
  // By engine and key. A job stays at its address.
  template <class Compiled>
  using Jobs = std::map<std::pair<const engine::Engine*, std::string>, Job<Compiled>>;

  template <class Compiled>
  Job<Compiled>& find_job(const std::shared_ptr<const engine::Engine>& engine,
                          const std::string& key);

  const engine::CodeCache& cache_;
  std::size_t threads_;
  std::tuple<Jobs<engine::CompiledComponent>, Jobs<engine::CompiledModule>> jobs_;
};

}  // namespace tenon::link

// What guests of a domain asked WASI for where nothing of its kind was granted: they are told that
// there is none, as by an empty grant, and it is noted.
//
//   grants.denials = std::make_shared<Denials>();
//   linker.watch(*grants.denials, {.environment = true});   // after add_wasi
//   Store::open(engine, grants);                            // networks and output
#pragma once

#include <memory>

namespace tenon::engine {

// Linkers and stores that note in it may outlive it. Thread: any.
class Denials final {
 public:
  struct Impl;

  Denials();
  Denials(const Denials&) = delete;
  Denials& operator=(const Denials&) = delete;
  ~Denials();

  [[nodiscard]] bool environment() const;
  [[nodiscard]] bool file_system() const;
  [[nodiscard]] bool network() const;
  [[nodiscard]] bool output() const;  // written to standard output or error

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  [[nodiscard]] bool has(unsigned kind) const;

  std::unique_ptr<const Impl> impl_;
};

}  // namespace tenon::engine

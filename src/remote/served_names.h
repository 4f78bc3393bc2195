// The names by which peers call the functions of a server.
//
// A peer names an interface with the version that it was built with. If that is not served, a function of
// another version in the same track is found, as between units of one composition; then the caller has
// to compare the types. Over NATS, the subject of a function thus matches each version of its track.
//
//   acme:tax/lib@1.4.0 rate         served
//   acme:tax/lib@1.0.0 rate         the same function, found by the track `1`
//   wrpc.0.0.1.acme:tax/lib@1.*.*.rate    its subject
//
// wRPC has no labels. An export with a label is found by this label, and by the interface that it
// implements, if no export has the interface as its own name. If several labels implement it, the label
// in the note of another tenon decides, or the handles of the call.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::remote {

struct ServedFunction;

class ServedNames final {
 public:
  // A function as peers name it: instance and function. A function at the root has an empty instance.
  using Name = std::pair<std::string, std::string>;

  // Lifetime: refers to the functions.
  explicit ServedNames(std::span<ServedFunction> functions);

  // Peers can also name the functions at the root by this world: `?world=..` of a listener.
  void add_world(std::string world) { worlds_.push_back(std::move(world)); }

  struct Found {
    ServedFunction* function = nullptr;  // null: there is none
    bool is_exact = false;               // whether it has the version that the peer names
    // The functions of exports with labels that implement the interface which the peer names.
    std::vector<ServedFunction*> labelled = {};
    bool must_choose = false;  // between several of these: `function` is one of them
  };
  // The function with this name, or that of the newest version in the same track.
  [[nodiscard]] Found find(const std::string& instance, const std::string& function) const;
  // Whether a function has the version of the interface that a peer names.
  [[nodiscard]] static bool is_version(const ServedFunction& function, const std::string& instance);
  // Why no function is meant by the name of an interface that several labels implement.
  [[nodiscard]] static std::string explain_choice(const Found& found, const std::string& instance);
  // Why no function has a name, with similar names.
  [[nodiscard]] std::string explain_unknown(const std::string& instance,
                                            const std::string& function) const;

  // The subjects of all functions below a prefix of NATS. has_tracks: whether they match other versions.
  [[nodiscard]] std::vector<std::string> subjects(std::string_view prefix, bool has_tracks) const;
  // The function that a subject names, without the prefix. Nothing if there is no such function.
  [[nodiscard]] std::optional<Name> read_subject(std::string_view subject) const;

 private:
  // Adds the functions with labels.
  void find_labelled(const std::string& instance, const std::string& function, Found& found) const;
  [[nodiscard]] bool is_world(const std::string& instance) const;

  std::map<Name, ServedFunction*> by_name_;
  // The newest version, by the path of the interface with its track.
  std::map<Name, ServedFunction*> by_track_;
  // Those with labels, by the path of the interface that they implement, with its track.
  std::map<Name, std::vector<ServedFunction*>> by_implemented_;
  std::vector<std::string> worlds_;
};

}  // namespace tenon::remote

// Certificates for TLS tests, made with the program `openssl`: one of a CA, one for `localhost`
// that it has signed, and one of another CA.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tenon/remote.h"
#include "tests/support/temporary_folder.h"

namespace tenon {

class Certificates final {
 public:
  Certificates() {
    make_authority("ca");
    make_authority("other");
    (void)folder_.write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    run(fmt::format(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {} -out {} "
        "-subj /CN=localhost",
        path("key"), path("request")));
    run(fmt::format("x509 -req -in {} -CA {} -CAkey {} -CAcreateserial -out {} -days 2 -extfile {}",
                    path("request"), path("ca"), path("ca.key"), path("certificate"),
                    path("names")));
  }

  // For a server that requires certificates of its clients, or a client that has one.
  [[nodiscard]] TlsOptions both() const {
    return {.ca = path("ca"), .certificate = path("certificate"), .key = path("key")};
  }
  [[nodiscard]] TlsOptions server() const {
    return {.ca = {}, .certificate = path("certificate"), .key = path("key")};
  }
  [[nodiscard]] TlsOptions client() const {
    return {.ca = path("ca"), .certificate = {}, .key = {}};
  }
  // For a client that trusts only another CA.
  [[nodiscard]] TlsOptions stranger() const {
    return {.ca = path("other"), .certificate = {}, .key = {}};
  }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }

 private:
  void make_authority(const std::string& name) const {
    run(
        fmt::format("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {} "
                    "-out {} -subj /CN={} -days 2",
                    path(name + ".key"), path(name), name));
  }
  static void run(const std::string& arguments) {
    ASSERT_EQ(std::system(("openssl " + arguments + " 2>/dev/null").c_str()), 0) << arguments;
  }

  TemporaryFolder folder_;
};

}  // namespace tenon

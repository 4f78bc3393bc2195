// The functions of libcurl that are called, loaded when something is fetched: a program that
// fetches nothing loads nothing.
#pragma once

#include <curl/curl.h>

#include <span>
#include <string>

#include "tenon/result.h"

namespace tenon::registry {

#define TENON_CURL_FUNCTIONS(X) \
  X(easy_cleanup)               \
  X(easy_getinfo)               \
  X(easy_init)                  \
  X(easy_perform)               \
  X(easy_reset)                 \
  X(easy_setopt)                \
  X(global_init)                \
  X(slist_append)               \
  X(slist_free_all)

struct CurlLibrary {
#define TENON_CURL_MEMBER(name) decltype(&::curl_##name) name = nullptr;
  TENON_CURL_FUNCTIONS(TENON_CURL_MEMBER)
#undef TENON_CURL_MEMBER
};

// Opens the first of the libraries that is there; it stays loaded. Errors: ext-fetch.
[[nodiscard]] Result<CurlLibrary> load_curl(std::span<const std::string> names);

}  // namespace tenon::registry

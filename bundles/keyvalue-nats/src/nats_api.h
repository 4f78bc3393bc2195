// libnats, which is loaded when an instance starts, by dlopen. So the bundle runs with every version
// 3 from 3.4 on.
//
// The options of libnats are structs that grow from version to version. A newer library reads and
// initializes more fields than this header declares. So the bundle initializes them itself:
// `Options<T>` is a T followed by zeros, which are the defaults.
#pragma once

#include <nats/nats.h>

#include <array>
#include <cstddef>
#include <string>

namespace keyvalue_nats {

// Every function that is loaded.
#define NATS_API_FUNCTIONS(X)                \
  X(js_CreateKeyValue)                       \
  X(js_KeyValue)                             \
  X(jsCtx_Destroy)                           \
  X(kvEntry_Destroy)                         \
  X(kvEntry_Key)                             \
  X(kvEntry_Revision)                        \
  X(kvEntry_Value)                           \
  X(kvEntry_ValueLen)                        \
  X(kvStore_Create)                          \
  X(kvStore_Delete)                          \
  X(kvStore_Destroy)                         \
  X(kvStore_Get)                             \
  X(kvStore_Put)                             \
  X(kvStore_Update)                          \
  X(kvStore_WatchAll)                        \
  X(kvWatcher_Destroy)                       \
  X(kvWatcher_Next)                          \
  X(natsConnection_Close)                    \
  X(natsConnection_Connect)                  \
  X(natsConnection_Destroy)                  \
  X(natsConnection_JetStream)                \
  X(natsConnection_Status)                   \
  X(natsOptions_Create)                      \
  X(natsOptions_Destroy)                     \
  X(natsOptions_LoadCATrustedCertificates)   \
  X(natsOptions_LoadCertificatesChain)       \
  X(natsOptions_SetErrorHandler)             \
  X(natsOptions_SetFailRequestsOnDisconnect) \
  X(natsOptions_SetMaxReconnect)             \
  X(natsOptions_SetName)                     \
  X(natsOptions_SetReconnectWait)            \
  X(natsOptions_SetSecure)                   \
  X(natsOptions_SetSendAsap)                 \
  X(natsOptions_SetServers)                  \
  X(natsOptions_SetTimeout)                  \
  X(natsOptions_SetUserCredentialsFromFiles) \
  X(natsStatus_GetText)                      \
  X(nats_GetLastError)

struct NatsApi {
#define NATS_API_MEMBER(name) decltype(&::name) name = nullptr;
  NATS_API_FUNCTIONS(NATS_API_MEMBER)  // NOLINT(readability-identifier-naming)
#undef NATS_API_MEMBER
};

template <class T>
struct Options {
  T known = {};
  std::array<std::byte, 1024> unknown = {};
};

// Loads the library. It is never unloaded. path: empty for libnats in the system's search path.
// Throws std::runtime_error if it cannot be loaded or lacks functions; the bundle cannot start
// then.
[[nodiscard]] NatsApi load_nats(const std::string& path);

}  // namespace keyvalue_nats

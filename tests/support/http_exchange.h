// A client of HTTP/1.1 for tests: it sends any bytes, and takes what comes back apart.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "support/descriptor.h"

namespace tenon {

// A connection on which these bytes were sent. url: "http://127.0.0.1:40123"
inline Descriptor http_send(std::string_view url, std::string_view bytes) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::atoi(url.substr(url.rfind(':') + 1).data())));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(
      ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  return socket;
}

// What a server sends for these bytes until the connection ends.
inline std::string http_exchange(std::string_view url, std::string_view bytes) {
  const Descriptor socket = http_send(url, bytes);
  std::string received;
  std::array<char, 4096> part = {};
  for (ssize_t size = 0; (size = ::recv(socket.number(), part.data(), part.size(), 0)) > 0;)
    received.append(part.data(), static_cast<std::size_t>(size));
  return received;
}

// The answer to a GET of this path, on a connection of its own.
inline std::string http_get(std::string_view url, std::string_view path) {
  return http_exchange(
      url, "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

struct ReceivedResponse {
  int status = 0;
  std::string head;  // with `\r\n` after each line
  std::string body;
  bool is_complete = false;  // its body has the declared length, or its last chunk
};

// Takes the first response away from what was received, as a client does that believes the length or the chunks.
inline ReceivedResponse take_response(std::string& received) {
  ReceivedResponse response;
  const auto take = [&received](std::size_t size) {
    std::string taken = received.substr(0, size);
    received.erase(0, size);
    return taken;
  };
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return response;
  response.head = take(end + 4);
  EXPECT_EQ(response.head.rfind("HTTP/1.1 ", 0), 0u) << response.head;
  response.status = std::atoi(response.head.substr(9, 3).c_str());
  constexpr std::string_view kLength = "\r\ncontent-length: ";
  if (const std::size_t at = response.head.find(kLength); at != std::string::npos) {
    const auto length =
        static_cast<std::size_t>(std::atoll(response.head.c_str() + at + kLength.size()));
    response.is_complete = received.size() >= length;
    response.body = take(std::min(received.size(), length));
    return response;
  }
  for (std::size_t line = 0; (line = received.find("\r\n")) != std::string::npos;) {
    const std::size_t size = std::strtoul(take(line + 2).c_str(), nullptr, 16);
    response.is_complete = size == 0;
    if (response.is_complete) break;
    response.body += take(size);
    if (take(2) != "\r\n") break;
  }
  if (response.is_complete) take(received.find("\r\n\r\n") == 0 ? 4 : received.find("\r\n") + 2);
  return response;
}

// The complete responses, in order, and then the incomplete one if there is one.
inline std::vector<ReceivedResponse> take_responses(std::string received) {
  std::vector<ReceivedResponse> responses;
  while (!received.empty()) {
    responses.push_back(take_response(received));
    if (!responses.back().is_complete) break;
  }
  return responses;
}

}  // namespace tenon

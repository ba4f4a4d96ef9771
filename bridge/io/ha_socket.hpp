// The WebSocket to Home Assistant, by Beast: plain or with TLS, one frame at a time, in both
// directions.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bridge/effects.hpp"
#include "bridge/io/tls_files.hpp"
#include "discovery/frame.hpp"

namespace bridge::io {

struct HaSettings {
  std::string url;  // ws://host:8123 or wss://host; http and https mean the same
  TlsFiles tls;
  TlsKeys keys = ha_keys;
};

/// Hears what the connection does, on the loop's thread.
struct HaSocketListener {
  virtual ~HaSocketListener() = default;
  virtual void ha_socket_opened() = 0;
  virtual void ha_socket_frame(discovery::PaddedJson frame) = 0;
  /// Once for each attempt; `http_status` is the answer that refused the upgrade, else 0.
  virtual void ha_socket_closed(const std::string& why, int http_status) = 0;
};

class HaSocket {
 public:
  HaSocket(boost::asio::io_context& loop, HaSettings settings, HaSocketListener& listener);
  ~HaSocket();
  HaSocket(const HaSocket&) = delete;
  HaSocket& operator=(const HaSocket&) = delete;

  void perform(std::vector<HaEffect>& effects);

  struct Conversation;

 private:
  void open();
  void close();

  boost::asio::io_context& loop_;
  HaSettings settings_;
  HaSocketListener& listener_;
  std::shared_ptr<Conversation> current_;
};

}  // namespace bridge::io

// The measuring end: subscribes at QoS 0, notes when each message arrives and how old its stamp is.
//
//   bench_subscriber PORT FILTER
//
// A line `expect N` on its input begins a measurement; when N messages have arrived, it prints one
// line of JSON about them, and `end` prints it earlier. It speaks MQTT 5 by itself, in the little
// that it needs: a library would take more of the cores that all share than the work measured.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::int64_t monotonic_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::string two_bytes(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

/// A packet whose body is shorter than 128 bytes (MQTT 5 section 2.1).
std::string packet(int type, const std::string& body) {
  return std::string{static_cast<char>(type), static_cast<char>(body.size())} + body;
}

class Measurement {
 public:
  void begin(std::size_t count) {
    expected_ = count;
    first_ns_ = last_ns_ = 0;
    hashes_.clear();
    hashes_.reserve(count);
    ages_ns_.clear();
    ages_ns_.reserve(count);
  }

  /// `publication` is topic and payload.
  void take(std::string_view publication, std::int64_t at_ns) {
    if (expected_ == 0) return;
    if (hashes_.empty()) first_ns_ = at_ns;
    last_ns_ = at_ns;
    hashes_.push_back(std::hash<std::string_view>{}(publication));
    constexpr std::string_view key = R"("sent_ns":)";
    if (const auto found = publication.find(key); found != std::string_view::npos) {
      ages_ns_.push_back(at_ns -
                         std::stoll(std::string(publication.substr(found + key.size(), 20))));
    }
    if (hashes_.size() == expected_) tell();
  }

  void tell() {
    expected_ = 0;
    const std::size_t messages = hashes_.size();
    std::sort(hashes_.begin(), hashes_.end());
    const auto distinct = std::unique(hashes_.begin(), hashes_.end()) - hashes_.begin();
    std::sort(ages_ns_.begin(), ages_ns_.end());
    std::printf(
        "{\"messages\":%zu,\"distinct\":%td,\"first_ns\":%ld,\"last_ns\":%ld,\"p50_us\":%.1f,"
        "\"p99_us\":%.1f}\n",
        messages, distinct, first_ns_, last_ns_, age_us(0.50), age_us(0.99));
    std::fflush(stdout);
  }

 private:
  double age_us(double part) const {
    if (ages_ns_.empty()) return 0;
    const auto place = static_cast<std::size_t>(part * static_cast<double>(ages_ns_.size()));
    return static_cast<double>(ages_ns_[std::min(place, ages_ns_.size() - 1)]) / 1000;
  }

  std::size_t expected_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  std::vector<std::size_t> hashes_;
  std::vector<std::int64_t> ages_ns_;
};

class Connection {
 public:
  Connection(int port, const std::string& filter) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no broker there");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // CONNECT: MQTT 5, clean start, no keep-alive, no properties. SUBSCRIBE: QoS 0, and nothing of
    // what is retained already (retain handling 2).
    const std::string id = "bench-subscriber";
    send(packet(0x10, two_bytes(4) + "MQTT" + "\x05\x02" + two_bytes(0) + std::string(1, '\0') +
                          two_bytes(id.size()) + id));
    send(packet(0x82,
                two_bytes(1) + std::string(1, '\0') + two_bytes(filter.size()) + filter + "\x20"));
  }

  int descriptor() const { return socket_; }

  /// Reads what has come; calls `use` with topic and payload of each publication, and with nothing
  /// when the subscription is confirmed.
  template <typename Use>
  void read(Use use) {
    buffer_.resize(filled_ + read_size);
    const ssize_t got = ::recv(socket_, buffer_.data() + filled_, read_size, 0);
    if (got <= 0) throw std::runtime_error("the broker closed the connection");
    filled_ += static_cast<std::size_t>(got);
    std::size_t begin = 0;
    while (const std::size_t size = packet_size(begin)) {
      const auto type = static_cast<unsigned char>(buffer_[begin]) >> 4;
      const std::string_view body(buffer_.data() + begin + header_, size - header_);
      if (type == 3) use(publication(body));
      if (type == 9) use(std::string_view());
      begin += size;
    }
    buffer_.erase(0, begin);
    filled_ -= begin;
  }

 private:
  static constexpr std::size_t read_size = 256 * 1024;

  void send(const std::string& bytes) {
    if (::send(socket_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("cannot send");
    }
  }

  /// The size of the packet at `begin`, 0 while it is not there as a whole.
  std::size_t packet_size(std::size_t begin) {
    std::size_t length = 0;
    for (std::size_t i = 1; i <= 4 && begin + i < filled_; ++i) {
      const auto byte = static_cast<unsigned char>(buffer_[begin + i]);
      length |= std::size_t{byte & 0x7fU} << (7 * (i - 1));
      if ((byte & 0x80) != 0) continue;
      header_ = i + 1;
      return begin + header_ + length <= filled_ ? header_ + length : 0;
    }
    return 0;
  }

  /// Topic and payload, with the (empty) properties of QoS 0 between them.
  static std::string_view publication(std::string_view body) { return body.substr(2); }

  int socket_;
  std::string buffer_;
  std::size_t filled_ = 0;
  std::size_t header_ = 0;  // of the packet looked at last
};

/// False when the input has ended.
bool take_order(Measurement& measurement) {
  std::string line;
  if (!std::getline(std::cin, line)) return false;
  if (line.starts_with("expect ")) measurement.begin(std::stoull(line.substr(7)));
  if (line == "end") measurement.tell();
  return true;
}

int run(int port, const std::string& filter) {
  Connection connection(port, filter);
  Measurement measurement;
  pollfd waits[] = {{connection.descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (true) {
    ::poll(waits, 2, -1);
    // Orders come one at a time, each after the answer to the last, so none stays in a buffer.
    if (waits[1].revents != 0 && !take_order(measurement)) return 0;
    if (waits[0].revents == 0) continue;
    connection.read([&](std::string_view publication) {
      if (publication.empty()) {
        std::puts("{\"subscribed\":true}");
        std::fflush(stdout);
      } else {
        measurement.take(publication, monotonic_ns());
      }
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::invalid_argument("bench_subscriber PORT FILTER");
    return run(std::stoi(argv[1]), argv[2]);
  } catch (const std::exception& exception) {
    std::cerr << "bench_subscriber: " << exception.what() << '\n';
    return 1;
  }
}

// The documents that the bridge has published, as topics and payloads for the plain publisher.
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// A topic and a payload in which one number, the stamp of so many digits, is written anew each
/// time.
struct Sample {
  std::string topic;
  std::string payload;
  std::size_t place = 0;
  std::size_t digits = 0;
};

/// Reads lines `TOPIC<tab>PAYLOAD`.
inline std::vector<Sample> read_samples(const std::string& file) {
  const std::string key = R"("sent_ns":)";
  std::ifstream in(file);
  std::vector<Sample> samples;
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    Sample sample{line.substr(0, tab), line.substr(tab + 1)};
    const std::size_t found = sample.payload.find(key);
    if (tab == std::string::npos || found == std::string::npos) {
      throw std::runtime_error("no sample: " + line);
    }
    sample.place = found + key.size();
    sample.digits = sample.payload.find_first_not_of("0123456789", sample.place) - sample.place;
    samples.push_back(std::move(sample));
  }
  if (samples.empty()) throw std::runtime_error("no samples in " + file);
  return samples;
}

/// Writes `number` over the old one, filled up with zeros or cut at the front.
inline void write_number(std::string& payload, const Sample& sample, std::uint64_t number) {
  for (std::size_t i = sample.digits; i > 0; --i, number /= 10) {
    payload[sample.place + i - 1] = static_cast<char>('0' + number % 10);
  }
}

}  // namespace bench

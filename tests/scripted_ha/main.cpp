// The program: a scripted Home Assistant on a port, told what to do by lines on its input.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <istream>

#include "tests/scripted_ha/control.hpp"
#include "tests/scripted_ha/demo.hpp"
#include "tests/scripted_ha/demo_house.hpp"

namespace {

namespace asio = boost::asio;
using scripted_ha::Json;

struct Arguments {
  unsigned short port = 0;
  std::string house_file;
  std::string token;
  std::size_t entities = 0;
  bool demo = false;
  bool stay = false;
};

void print(const Json& line) { std::cout << scripted_ha::to_text(line) << std::endl; }

Json read_house(const Arguments& arguments) {
  if (arguments.demo) return scripted_ha::demo_house();
  if (arguments.entities > 0) return scripted_ha::generated_house(arguments.entities);
  if (arguments.house_file.empty()) return Json::object();
  std::ifstream file(arguments.house_file);
  if (!file) throw std::runtime_error("cannot read " + arguments.house_file);
  return Json::parse(file);
}

/// Reads lines until the input ends.
class Input {
 public:
  Input(asio::io_context& context, scripted_ha::Control& control, std::function<void()> at_end)
      : stream_(context, ::dup(STDIN_FILENO)), control_(control), at_end_(std::move(at_end)) {}

  void read() {
    asio::async_read_until(stream_, buffer_, '\n',
                           [this](boost::system::error_code error, std::size_t) {
                             if (error) return at_end_();
                             std::istream in(&buffer_);
                             std::string line;
                             std::getline(in, line);
                             if (!line.empty()) control_.run(line);
                             read();
                           });
  }

 private:
  asio::posix::stream_descriptor stream_;
  scripted_ha::Control& control_;
  std::function<void()> at_end_;
  asio::streambuf buffer_;
};

int run(const Arguments& arguments) {
  const Json file = read_house(arguments);
  scripted_ha::HouseOptions options = scripted_ha::read_options(file);
  if (!arguments.token.empty()) options.token = arguments.token;
  scripted_ha::House house(options);
  house.load(file);
  scripted_ha::Services services(house);
  asio::io_context context(1);
  scripted_ha::Server server(context, house, services, {.port = arguments.port, .limits = {}});
  std::cout << "listening on ws://127.0.0.1:" << server.port() << std::endl;
  scripted_ha::Control control(context, server, print);
  scripted_ha::Demo demo(context, house);
  if (arguments.demo) demo.start();
  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
  Input input(context, control, [&] {
    if (!arguments.stay) context.stop();
  });
  input.read();
  context.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("A scripted Home Assistant: its WebSocket API without the house behind it");
  app.add_option("--port", arguments.port, "port on 127.0.0.1; 0: any that is free");
  app.add_option("--house", arguments.house_file, "JSON file with registries and states");
  app.add_option("--entities", arguments.entities, "make so many sensors, ten to a device");
  app.add_option("--token", arguments.token, "the access token that is right");
  app.add_flag("--demo", arguments.demo, "a house of each kind in which things happen");
  app.add_flag("--stay", arguments.stay, "go on when the input ends");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& exception) {
    std::cerr << "scripted_ha: " << exception.what() << '\n';
    return 1;
  }
}

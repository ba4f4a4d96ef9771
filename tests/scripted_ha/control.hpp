// The control lines of the program: one JSON object a line in, one a line out.
//
// README.md lists the commands.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "tests/scripted_ha/load.hpp"
#include "tests/scripted_ha/server.hpp"

namespace scripted_ha {

class Control {
 public:
  using Print = std::function<void(const Json& line)>;

  Control(boost::asio::io_context& context, Server& server, Print print);

  /// Runs one line and prints its answer: {"ok":true} or {"error":"…"}; load and restart answer
  /// when they are done.
  void run(std::string_view line);

 private:
  struct Command;
  using Handle = void (Control::*)(const Json& argument, const Json& line);

  bool run_command(const Json& line);
  void ok();

  // One for each command.
  void set(const Json& argument, const Json& line);
  void remove(const Json& argument, const Json& line);
  void add(const Json& argument, const Json& line);
  void rename(const Json& argument, const Json& line);
  void create(const Json& argument, const Json& line);
  void update(const Json& argument, const Json& line);
  void erase(const Json& argument, const Json& line);
  void restart(const Json& argument, const Json& line);
  void state(const Json& argument, const Json& line);
  void location(const Json& argument, const Json& line);
  void admin(const Json& argument, const Json& line);
  void notifiers(const Json& argument, const Json& line);
  void fire(const Json& argument, const Json& line);
  void triggers(const Json& argument, const Json& line);
  void trigger(const Json& argument, const Json& line);
  void unknown(const Json& argument, const Json& line);
  void freeze(const Json& argument, const Json& line);
  void refuse(const Json& argument, const Json& line);
  void drop(const Json& argument, const Json& line);
  void fail(const Json& argument, const Json& line);
  void load(const Json& argument, const Json& line);
  void states(const Json& argument, const Json& line);
  void calls(const Json& argument, const Json& line);
  void clients(const Json& argument, const Json& line);
  void pictures(const Json& argument, const Json& line);

  Server& server_;
  House& house_;
  Services& services_;
  Print print_;
  Load load_;
};

}  // namespace scripted_ha

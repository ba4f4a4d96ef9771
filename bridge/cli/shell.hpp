// What the short commands share: a loop with a time limit, and a connection to the broker for a
// machine.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>

#include "bridge/io/broker.hpp"
#include "bridge/settings.hpp"

namespace bridge::cli {

/// A name for a client that is no instance: cli_ and random digits.
std::string client_name();

/// The topic by which a short command knows that it has read all: below the instance, whose user
/// may write and read there, or below a name of its own where the configuration has no instance.
std::string marker_topic(const Settings& settings);

/// The settings for a client of this name: statebus-NAME.
io::BrokerSettings with_client_id(io::BrokerSettings settings, const std::string& name);

/// Whether standard output is a terminal that shows colours.
bool shows_colour();

/// The text without characters that a terminal would obey, whatever a broker or Home Assistant put
/// into it.
std::string on_one_line(std::string text);

/// Says on standard error, on one line, why a command has failed; gives its exit code back.
int fail(int code, const std::string& text);

/// Runs the loop, calling `step` after each event and whenever the time that it last gave has come,
/// until it gives nothing, or the time is over; false when the time was over.
bool run_until(boost::asio::io_context& loop, std::chrono::milliseconds limit,
               const std::function<std::optional<Time>()>& step);

}  // namespace bridge::cli

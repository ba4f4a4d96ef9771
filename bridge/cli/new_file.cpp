#include "bridge/cli/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "bridge/cli/yaml_section.hpp"

namespace bridge::cli {
namespace {

[[noreturn]] void fail(const std::string& option, const std::string& name,
                       const std::string& what) {
  throw ConfigError(fmt::format("{} {}: {}", option, name, what));
}

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

void write_new_file(const std::string& name, const std::string& text, mode_t mode,
                    Existing existing, const std::string& option) {
  // What replaces another file is written beside it and then moved, so that a full disk leaves the
  // old one. Either is a new file, which nobody can have opened before it had its mode.
  const bool replaces = existing == Existing::replaced;
  const std::string target = replaces ? fmt::format("{}.{}.new", name, getpid()) : name;
  const int file = open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0 && errno == EEXIST && !replaces) {
    fail(option, name, "it is there; name another one, or let --force write over it");
  }
  if (file < 0) fail(option, name, "it cannot be written: " + reason());
  const bool written = fchmod(file, mode) == 0 &&
                       write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0 && (!replaces || rename(target.c_str(), name.c_str()) == 0);
  const std::string why = reason();
  close(file);
  if (written) return;
  unlink(target.c_str());
  fail(option, name, "it cannot be written: " + why);
}

void make_private_folder(const std::string& name, const std::string& option) {
  if (mkdir(name.c_str(), S_IRWXU) == 0 || errno == EEXIST) return;
  fail(option, name, "the folder cannot be made: " + reason());
}

}  // namespace bridge::cli

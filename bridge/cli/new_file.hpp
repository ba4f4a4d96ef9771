// A file that a command writes for the user: whole or not at all, and over another one only when
// asked to.
#pragma once

#include <sys/types.h>

#include <string>

namespace bridge::cli {

/// What is done about a file that is there.
enum class Existing { refused, replaced };

/// Throws ConfigError, naming the option that the file is for.
void write_new_file(const std::string& name, const std::string& text, mode_t mode,
                    Existing existing, const std::string& option);

/// The folder with its content for its owner alone, made where it is not there. Throws likewise.
void make_private_folder(const std::string& name, const std::string& option);

}  // namespace bridge::cli

// `statebus domains`: the table of kinds, for a terminal, for programs and for docs/domains.md.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "bridge/cli/commands.hpp"
#include "discovery/json.hpp"
#include "discovery/kind_table.hpp"

namespace bridge::cli {
namespace {

using discovery::KindOnMain;
using discovery::KindRow;

std::string newest() { return discovery::to_text(discovery::newest_release); }
std::string oldest() { return discovery::to_text(discovery::oldest_release); }

std::string words(const std::set<KindOnMain>& kinds) {
  std::string text;
  for (const KindOnMain& kind : kinds) {
    text += text.empty() ? "" : " or ";
    text += kind.stand_in ? "read-only sensor" : kind.component;
  }
  return text;
}

/// The cells of a row; the older release has one only where it differs.
std::vector<std::string> cells(const KindRow& row) {
  const bool same = row.on_newest == row.on_oldest;
  return {row.domain.empty() ? "every other" : std::string(row.domain), words(row.on_newest),
          same ? "" : words(row.on_oldest),
          row.services.empty() ? "read-only" : fmt::format("{}", fmt::join(row.services, ", "))};
}

void print_table() {
  std::vector<std::vector<std::string>> table{{"DOMAIN", "ON MAIN", "ON " + oldest(), "COMMANDS"}};
  for (const KindRow& row : discovery::kind_table()) table.push_back(cells(row));
  std::size_t widths[3] = {};
  for (const auto& row : table) {
    for (std::size_t i = 0; i < 3; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : table) {
    fmt::print("{:{}}  {:{}}  {:{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2], widths[2],
               row[3]);
  }
}

void print_markdown() {
  fmt::print("| At the source | On main, {} | On main, {} | Commands |\n", newest(), oldest());
  fmt::print("| --- | --- | --- | --- |\n");
  for (const KindRow& row : discovery::kind_table()) {
    const std::vector<std::string> cell = cells(row);
    const std::string domain = row.domain.empty() ? cell[0] : "`" + cell[0] + "`";
    const std::string services = fmt::format("`{}`", fmt::join(row.services, "`, `"));
    fmt::print("| {} | {} | {} | {} |\n", domain, cell[1], cell[2].empty() ? "the same" : cell[2],
               row.services.empty() ? cell[3] : services);
  }
}

discovery::Json to_json(const std::set<KindOnMain>& kinds) {
  discovery::Json list = discovery::Json::array();
  for (const KindOnMain& kind : kinds) {
    list.push_back({{"component", kind.component}, {"stand_in", kind.stand_in}});
  }
  return list;
}

void print_json() {
  discovery::Json list = discovery::Json::array();
  for (const KindRow& row : discovery::kind_table()) {
    list.push_back(
        {{"domain", row.domain.empty() ? nullptr : discovery::Json(row.domain)},
         {"on_main", {{newest(), to_json(row.on_newest)}, {oldest(), to_json(row.on_oldest)}}},
         {"commands", row.services}});
  }
  std::cout << list.dump(2) << '\n';
}

}  // namespace

int domains(TableForm form) {
  if (form == TableForm::json) {
    print_json();
  } else if (form == TableForm::markdown) {
    print_markdown();
  } else {
    print_table();
  }
  return 0;
}

}  // namespace bridge::cli

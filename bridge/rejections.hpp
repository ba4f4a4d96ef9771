// What the broker does not take: told without a flood, tried again now and then, and a reason not
// to be online. The outbox tells it what became of each message.
#pragma once

#include <algorithm>

#include "bridge/allowance.hpp"

namespace bridge {

struct Record;

class Rejections {
 public:
  /// The broker's ACL does not let the bridge write the record's topic.
  void refused(Record& record, Now now, Effects& effects);
  /// The broker holds what is wanted there, or nothing is wanted there any more.
  void forgive(Record& record);
  /// `bytes` are more than the broker takes in one message.
  void too_large(Record& record, std::size_t bytes, std::uint32_t bytes_max, Now now,
                 Effects& effects);

  void fits(Record& record);
  /// Grows whenever a record is refused or too large, or is no more.
  std::uint64_t changes() const { return changes_; }

  /// A description or a document is refused: main would see less than there is, or what is no more.
  bool withholds_online() const { return withholding_ != 0; }
  /// When something that is refused is to be tried again; `never` while nothing is.
  Time retry_at() const {
    if (refused_ == 0) return never;
    return sample_ == nullptr ? all_at_ : std::min(all_at_, sample_at_);
  }
  /// What is to be tried now: one record that stands for all, or null for all that is refused.
  Record* retrying(Now now);

 private:
  void tell(Now now, Effects& effects, std::string text);

  void set(bool& flag, bool value);

  std::uint64_t changes_ = 0;
  std::size_t refused_ = 0;
  std::size_t withholding_ = 0;
  Time all_at_ = never;
  Record* sample_ = nullptr;  // refused last; once it is taken, all others are tried
  Time sample_at_ = never;
  bool sampling_ = false;  // it was tried again, and that it is still refused is no news
  Allowance tellings_{0.1, 5};
  std::uint64_t untold_ = 0;  // since the last that was told
};

}  // namespace bridge

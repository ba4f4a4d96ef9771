// Pictures of cameras and images: which one is to be fetched from Home Assistant, when, and what
// becomes of the answer.
//
// The outbox asks for a picture as for any payload, whenever the state has changed and the broker
// is there. Where none waits, it is fetched, one at a time, and the outbox is told when it has
// come. Nothing is kept but what is about to be sent.
#pragma once

#include "bridge/backoff.hpp"
#include "bridge/publications.hpp"

namespace bridge {

class Images {
 public:
  Images(const Settings& settings, discovery::Home& home, Publications& publications,
         const Outbox& outbox);

  /// Gives the picture that waits, if one does; else it is looked at anew when its time has come.
  void render(const Record& record, std::string& payload);
  /// What came of the fetch that was under way.
  void answered(PictureAnswer answer, Now now, Effects& effects);

  /// Home Assistant has accepted this token, which the fetches bear from now on.
  void logged_in(const std::string& token);
  /// What was on its way may not have arrived.
  void broker_lost();

  /// Fetches what is due; nothing unless the instance is online and both its connections stand.
  void tick(bool may_fetch, Now now, Effects& effects);
  Time deadline(bool may_fetch) const;

  /// Pictures that were too large, or none.
  std::uint64_t refused() const { return refused_; }

 private:
  struct Source {
    Time due{};          // not before
    bool asked = false;  // a camera always is
    std::string shown;   // the state of an image whose picture came last
    std::string waits;   // the picture, for the outbox
    Backoff backoff;
    bool told = false;  // that it cannot be had
  };
  using Sources = discovery::StringMap<Source>;

  bool can_fetch(bool may_fetch) const { return may_fetch && fetching_.empty() && !locked_out_; }
  Sources::iterator next_due();
  void look(Sources::iterator source, Now now, Effects& effects);
  void failed(const std::string& entity_id, Source& source, const std::string& problem, Now now,
              Effects& effects);
  std::size_t bytes_max() const;
  std::string problem_of(const PictureAnswer& answer);

  const Settings& settings_;
  discovery::Home& home_;
  Publications& publications_;
  const Outbox& outbox_;
  Sources sources_;       // by entity id
  std::string fetching_;  // whose picture is on its way; empty: none
  std::string fetching_state_;
  Time next_ = never;  // when the first of them is due
  std::string token_;
  bool locked_out_ = false;  // Home Assistant refuses the token, and might ban the address
  std::uint64_t refused_ = 0;
};

}  // namespace bridge

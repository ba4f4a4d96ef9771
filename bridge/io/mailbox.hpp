// A box that many threads put things into and one takes them all out of, without a lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace bridge::io {

template <typename T>
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() { (void)take(); }

  /// Puts one in; true when the box was empty, so that its owner has to be woken.
  bool put(T value) {
    Node* const node = std::make_unique<Node>(Node{std::move(value), nullptr}).release();
    Node* before = head_.load(std::memory_order_relaxed);
    do {
      node->next = before;
    } while (!head_.compare_exchange_weak(before, node, std::memory_order_release,
                                          std::memory_order_relaxed));
    // The node is the taker's from here on, who may have ended it already.
    return before == nullptr;
  }

  bool empty() const { return head_.load(std::memory_order_acquire) == nullptr; }

  /// Takes all out, in the order in which they were put in.
  std::vector<T> take() {
    Node* node = head_.exchange(nullptr, std::memory_order_acquire);
    std::vector<T> values;
    while (node != nullptr) {
      const std::unique_ptr<Node> owned(node);
      node = owned->next;
      values.push_back(std::move(owned->value));
    }
    std::reverse(values.begin(), values.end());
    return values;
  }

 private:
  struct Node {
    T value;
    Node* next;
  };
  std::atomic<Node*> head_{nullptr};
};

}  // namespace bridge::io

;; `[static]r.count` sorts before `r`, and has to come after it.
(component
  (import "r" (type (sub resource)))
  (import "[static]r.count" (func (result u32))))

;; Passes an `x` where the provider wants a `y`.
(component
  (import "t:passed/i" (instance
    (export "x" (type $x (sub resource)))
    (export "y" (type (sub resource)))
    (export "f" (func (param "x" (own $x)))))))

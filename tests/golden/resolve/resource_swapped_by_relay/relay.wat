;; Passes the interface on: to it, its resources can be any.
(component
  (import "t:made/i" (instance $in
    (export "x" (type (sub resource)))
    (export "y" (type $y (sub resource)))
    (export "f" (func (param "x" (own $y))))))
  (export "t:passed/i" (instance $in)))

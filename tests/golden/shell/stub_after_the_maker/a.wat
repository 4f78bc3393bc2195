;; Its stub of `t:t/store` has the resource that `b` makes, for `root` ties both.
(component
  (import "t:t/store" (instance $store (export "r" (type (sub resource)))))
  (alias export $store "r" (type $r))
  (core module $m (func (export "take") (param i32)))
  (core instance $i (instantiate $m))
  (func $take (param "r" (own $r)) (canon lift (core func $i "take")))
  (component $shim
    (import "r" (type $r (sub resource)))
    (import "take" (func $take (param "r" (own $r))))
    (export $out "r" (type $r))
    (export "take" (func $take) (func (param "r" (own $out)))))
  (instance $use (instantiate $shim (with "r" (type $r)) (with "take" (func $take))))
  (export "t:t/use" (instance $use)))

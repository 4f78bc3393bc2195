;; The export of the function brings `r` with it.
(component
  (core module $m (func (export "count") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (type $made (resource (rep i32)))
  (export $r "r" (type $made))
  (func $count (result u32) (canon lift (core func $i "count")))
  (export "[static]r.count" (func $count)))

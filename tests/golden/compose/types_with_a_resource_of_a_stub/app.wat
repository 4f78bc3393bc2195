(component
  (import "t:lib/lib" (instance $lib
    (export "key" (type $k (sub resource)))
    (export "make" (func (result (own $k))))))
  (alias export $lib "key" (type $key0))
  (import "key" (type $key (eq $key0)))
  (import "t:x/types" (instance $types
    (type $f' (flags "on" "off")) (export "mode" (type $f (eq $f')))
    (type $v' (variant (case "plain") (case "with" $f))) (export "state" (type (eq $v')))))
  (alias export $types "state" (type $state0))
  (import "state" (type $state (eq $state0)))
  (type $h' (record (field "k" (own $key)) (field "s" $state)))
  (import "held" (type $held (eq $h')))
  (import "mk" (func $mk (param "k" (borrow $key)) (result $state)))
  (import "mk-held" (func $mkh (param "s" $state) (result $held)))
  (import "go" (func $go (result u32)))
  (export "go" (func $go))
  (export "mk2" (func $mk))
  (export "mkh2" (func $mkh)))

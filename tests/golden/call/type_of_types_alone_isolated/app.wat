;; `t:a/mid` is of types alone, so the domain imports it itself. Its `state` contains `mode`, which only the bridged
;; import `t:a/base` names, after it.
(component
  (import "t:a/base" (instance $base
    (type $m' (flags "on" "off")) (export "mode" (type $m (eq $m')))
    (type $s' (tuple $m $m)) (export "state" (type $s (eq $s')))
    (export "one" (func (result u32)))))
  (alias export $base "state" (type $state))
  (import "t:a/mid" (instance $mid
    (export "state" (type $s (eq $state)))
    (type $w' (variant (case "held" $s) (case "none"))) (export "whole" (type (eq $w')))))
  (alias export $mid "whole" (type $whole))
  (core func $one (canon lower (func $base "one")))
  (core module $code
    (import "base" "one" (func $one (result i32)))
    (func (export "count") (param i32 i32 i32) (result i32) (i32.add (call $one) (local.get 1))))
  (core instance $c (instantiate $code (with "base" (instance (export "one" (func $one))))))
  (func (export "count") (param "w" $whole) (result u32) (canon lift (core func $c "count"))))

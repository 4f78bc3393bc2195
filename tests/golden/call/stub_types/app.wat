;; Exports interfaces of its own with types of two imports that trap. The second one uses a type whose part only the
;; first one names.
(component
  (import "t:a/types" (instance $types
    (export "key" (type (sub resource)))
    (type $f' (flags "on" "off")) (export "mode" (type $f (eq $f')))
    (type $v' (variant (case "plain") (case "with" $f))) (export "state" (type (eq $v')))))
  (alias export $types "mode" (type $mode))
  (alias export $types "state" (type $state))
  (import "t:a/api" (instance $api
    (export "state" (type $s (eq $state)))
    (export "next" (func (param "s" $s) (result $s)))))
  (component $shim
    (type $m' (flags "on" "off")) (import "mode" (type $m (eq $m')))
    (type $s' (variant (case "plain") (case "with" $m))) (import "state" (type $s (eq $s')))
    (import "next" (func $next (param "s" $s) (result $s)))
    (export $s2 "state" (type $s))
    (export "next" (func $next) (func (param "s" $s2) (result $s2))))
  (instance $own (instantiate $shim
    (with "mode" (type $mode)) (with "state" (type $state)) (with "next" (func $api "next"))))
  (export "t:own/api" (instance $own))
  (export "next" (func $api "next")))

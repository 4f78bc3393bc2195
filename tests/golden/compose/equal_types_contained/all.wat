;; As in `equal_types_passed_on`, but `$once` gets equal types from two components, and the second
;; interface does not name `level`, which `levels` contains.
(component
  (component $a
    (type $level' (enum "low" "high"))
    (export $level "level" (type $level'))
    (type $levels (record (field "first" $level)))
    (export "levels" (type $levels)))
  (component $both
    (alias outer 1 $a (component $a))
    (instance $of-a (instantiate $a))
    (export $out "acme:log/a" (instance $of-a))
    (alias export $out "levels" (type $levels))
    (instance $of-b (export "levels" (type $levels)))
    (export "acme:log/b" (instance $of-b)))
  (instance $of-both (instantiate $both))
  (instance $of-a (instantiate $a))
  (component $once
    (import "acme:log/a" (instance $a
      (type $level' (enum "low" "high"))
      (export "level" (type $level (eq $level')))
      (type $levels (record (field "first" $level)))
      (export "levels" (type (eq $levels)))))
    (alias export $a "levels" (type $levels))
    (import "acme:log/b" (instance $b (export "levels" (type (eq $levels)))))
    (export "acme:log/a" (instance $a))
    (export "acme:log/b" (instance $b)))
  (instance $all (instantiate $once
    (with "acme:log/a" (instance $of-a)) (with "acme:log/b" (instance $of-both "acme:log/b"))))
  (export "acme:log/a" (instance $all "acme:log/a"))
  (export "acme:log/b" (instance $all "acme:log/b")))

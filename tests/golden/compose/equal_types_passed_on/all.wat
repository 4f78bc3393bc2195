;; `$twice` exports two interfaces that define equal types, each for itself. `$once` imports both with one
;; definition, and passes them on: what the composition exports is `level` of the one and `levels` of the
;; other, which contains its own `level`.
(component
  (component $twice
    (component $a (type $level (enum "low" "high")) (export "level" (type $level)))
    (component $b
      (type $level' (enum "low" "high"))
      (export $level "level" (type $level'))
      (type $levels (record (field "first" $level)))
      (export "levels" (type $levels)))
    (instance $of-a (instantiate $a))
    (export "acme:log/a" (instance $of-a))
    (instance $of-b (instantiate $b))
    (export "acme:log/b" (instance $of-b)))
  (instance $made (instantiate $twice))
  (component $once
    (import "acme:log/a" (instance $a
      (type $level (enum "low" "high"))
      (export "level" (type (eq $level)))))
    (alias export $a "level" (type $level))
    (import "acme:log/b" (instance $b
      (export "level" (type $inner (eq $level)))
      (type $levels (record (field "first" $inner)))
      (export "levels" (type (eq $levels)))))
    (export "acme:log/a" (instance $a))
    (export "acme:log/b" (instance $b)))
  (instance $all (instantiate $once
    (with "acme:log/a" (instance $made "acme:log/a")) (with "acme:log/b" (instance $made "acme:log/b"))))
  (export "acme:log/a" (instance $all "acme:log/a"))
  (export "acme:log/b" (instance $all "acme:log/b")))

;; `acme:log/lib` uses `level` and `outer`, and not `inner`, which stands between them: the import of its
;; domain gives `inner` a name, for which `level` needs one before.
(component
  (import "acme:log/types" (instance $types
    (type $level' (enum "low" "high"))
    (export "level" (type $level (eq $level')))
    (type $inner' (record (field "at" $level)))
    (export "inner" (type $inner (eq $inner')))
    (type $outer' (record (field "first" $inner)))
    (export "outer" (type (eq $outer')))))
  (alias export $types "level" (type $level))
  (alias export $types "outer" (type $outer))
  (import "acme:log/lib" (instance $lib
    (export "level" (type $l (eq $level)))
    (export "outer" (type $o (eq $outer)))
    (export "level-of" (func (param "of" $o) (result $l)))))
  (core func $level_of (canon lower (func $lib "level-of")))
  (core module $code
    (import "lib" "level-of" (func $level_of (param i32) (result i32)))
    (func (export "run") (result i32) (call $level_of (i32.const 1))))
  (core instance $run (instantiate $code
    (with "lib" (instance (export "level-of" (func $level_of))))))
  (func (export "run") (result u32) (canon lift (core func $run "run"))))

;; Its second import uses `crate` of the first, and not `pair`, which a crate contains. `api.wat` is linked
;; before `kv.wat`: in the domain of this unit, the import that `api` provides must still come after that
;; of `kv`, which names `pair` and the bucket in it.
(component
  (import "acme:kv/store" (instance $store
    (export "bucket" (type $b (sub resource)))
    (type $pair' (record (field "held" (own $b))))
    (export "pair" (type $pair (eq $pair')))
    (type $crate' (record (field "first" $pair)))
    (export "crate" (type $crate (eq $crate')))
    (export "make" (func (result (own $b))))))
  (alias export $store "bucket" (type $bucket))
  (alias export $store "crate" (type $of_store))
  (import "acme:kv/api" (instance $api
    (export "bucket" (type (eq $bucket)))
    (export "crate" (type $crate (eq $of_store)))
    (export "open" (func (param "from" $crate) (result u32)))))
  (core func $make (canon lower (func $store "make")))
  (core func $open (canon lower (func $api "open")))
  (core module $code
    (import "kv" "make" (func $make (result i32)))
    (import "kv" "open" (func $open (param i32) (result i32)))
    (func (export "run") (result i32) (call $open (call $make))))
  (core instance $run (instantiate $code
    (with "kv" (instance (export "make" (func $make)) (export "open" (func $open))))))
  (func (export "run") (result u32) (canon lift (core func $run "run"))))

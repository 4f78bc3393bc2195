;; All tables together can be as large as all memories: 131,072 elements for 1 MiB.
(component
  (core module $code
    (table $one 0 funcref)
    (table $two 0 funcref)
    (func (export "grow") (param i32 i32) (result i32)
      (if (i32.eq (table.grow $one (ref.null func) (local.get 0)) (i32.const -1))
        (then (return (i32.const 1))))
      (if (i32.eq (table.grow $two (ref.null func) (local.get 1)) (i32.const -1))
        (then (return (i32.const 2))))
      (i32.const 0)))
  (core instance $core (instantiate $code))
  (func (export "grow") (param "one" u32) (param "two" u32) (result u32)
    (canon lift (core func $core "grow"))))

;; Exports some functions of demo:kinds/all with other types.
(component
  (core module $code
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "bool") (param i32 i32) (result i32) (i32.const 0))
    (func (export "option") (param i32 i32) (result i32) (i32.const 0))
    (func (export "quad") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $core (instantiate $code))
  (func $bool (param "value" bool) (param "other" bool) (result u8)
    (canon lift (core func $core "bool")))
  (func $option (param "value" (option u8)) (result (option string))
    (canon lift (core func $core "option") (memory $core "memory") (realloc (func $core "realloc"))))
  (func $quad (param "value" (list u8 3)) (result (list u8 4))
    (canon lift (core func $core "quad") (memory $core "memory") (realloc (func $core "realloc"))))
  (instance $all
    (export "same-bool" (func $bool)) (export "same-option" (func $option)) (export "same-quad" (func $quad)))
  (export "demo:kinds/all@1.0.0" (instance $all)))

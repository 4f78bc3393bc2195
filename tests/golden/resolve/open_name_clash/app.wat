;; Asks for `log`.
(component
  (import "log" (instance $lib
    (export "rate" (func (param "x" u32) (result u32)))))
  (alias export $lib "rate" (func $f))
  (export "total" (func $f)))

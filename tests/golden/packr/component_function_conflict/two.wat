(component
  (import "math" (instance
    (export "double" (func (param "n" s64) (result s64)))
    (export "process" (func (param "n" s64) (result s64))))))

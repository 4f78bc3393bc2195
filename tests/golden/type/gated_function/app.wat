(component
  (import "t:gates/lib@1.0.0" (instance $lib
    (export "old" (func))
    (export "exit-with" (func (param "code" u8)))))
  (import "t:gates/extra@1.0.0" (instance $extra (export "f" (func)))))

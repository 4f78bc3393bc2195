(component
  (core module $m (func (export "beep")))
  (core instance $i (instantiate $m))
  (func (export "beep") (canon lift (core func $i "beep"))))

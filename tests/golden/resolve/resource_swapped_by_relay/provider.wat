(component
  (core module $m (func (export "f") (param i32)))
  (core instance $c (instantiate $m))
  (type $x (resource (rep i32)))
  (type $y (resource (rep i32)))
  (func $f (param "x" (own $y)) (canon lift (core func $c "f")))
  (instance $i (export "x" (type $x)) (export "y" (type $y)) (export "f" (func $f)))
  (export "t:made/i" (instance $i)))

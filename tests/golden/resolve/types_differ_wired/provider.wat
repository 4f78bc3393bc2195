(component
  (type $e (enum "a" "c" "b"))
  (instance $x (export "e" (type $e)))
  (export "x" (instance $x)))

record point { x s32, y: s32 }
variant shape { circle(f64, f64) }
recrd line { from: point }

interface a { @package: string = "x:y"; @n: u8 = 1; @r: t = { a: true } type s: c; use b.{x}; interface r = rpc(a); imports { math, b.f } exports { f: func() -> _; } }

record tree { left: tree, right: tree }
type a = b
type b = a
find: func(of: piont) -> strng;
record point { x: s32, x: s32 }
record pair<t> { a: t }
swap: func(p: pair<s32, s32>) -> self;

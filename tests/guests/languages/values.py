# demo:values/same in Python: each function returns its argument. The error of a `result` is raised.
from componentize_py_types import Err, Ok
from wit_world import exports


def same(self, value):
    if isinstance(value, Err):
        raise value
    return value.value if isinstance(value, Ok) else value


Same = type("Same", (exports.Same,), {name: same for name in dir(exports.Same) if name.startswith("same_")})

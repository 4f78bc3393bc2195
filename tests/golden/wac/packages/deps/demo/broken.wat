(component (oops))

(component (import))

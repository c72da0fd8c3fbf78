class error(Exception): ...

class Options:
    max_mem: int
    log_errors: bool

def compile(pattern: str, options: Options | None = None) -> object: ...

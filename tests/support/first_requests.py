"""In a fresh process: several threads whose first requests meet, as after a restart of a busy server.

Arguments: data folder, cookie, paths. Prints ``{"path": {"status": count}}``.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from pathlib import Path

from servicedesk import create_app
from servicedesk.config import Settings

THREADS, ROUNDS = 8, 2


def main(folder: str, cookie: str, *paths: str) -> None:
    sys.setswitchinterval(1e-6)  # what a busy server meets once a day is to happen here
    app = create_app(Settings(data=Path(folder), testing=True, locale="en"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answers: dict[str, Counter[int]] = {}
    for path in paths:
        met, found = threading.Barrier(THREADS), list[int]()

        def ask(path: str = path, met: threading.Barrier = met, found: list[int] = found) -> None:
            client = app.test_client(use_cookies=False)
            met.wait()
            found.extend(client.get(path, headers={"Cookie": cookie}).status_code for _ in range(ROUNDS))

        threads = [threading.Thread(target=ask) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers[path] = Counter(found)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""``python -m bonefit.healthcheck URL``: ends with 0 if the site answers there with success.

A container's own check: it speaks to the web process directly, as the proxy would, with the site's
name and the word that the browser came by HTTPS. Standard library only, to start quickly.
"""

import os
import sys
import urllib.error
import urllib.request


def main() -> None:
    """Ask once."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    request = urllib.request.Request(
        sys.argv[1], headers={"Host": host, "X-Forwarded-Proto": "https"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=8) as response:
            response.read()
    except urllib.error.HTTPError as error:
        sys.exit(f"{sys.argv[1]} answers {error.code}.")
    except OSError as error:
        sys.exit(f"{sys.argv[1]} does not answer: {error}.")


if __name__ == "__main__":
    main()

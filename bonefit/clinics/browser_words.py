"""What browser on what device, in plain words. Standard library only."""

from __future__ import annotations

#: The first that is in what a browser says of itself; each names itself as several others too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_DEVICES = (
    ("iPad", "an iPad"),
    ("iPhone", "an iPhone"),
    ("Android", "an Android tablet"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "a Mac or an iPad"),
    ("Linux", "Linux"),
)
NOT_KNOWN = "A browser that does not say which"


def in_words(user_agent: str) -> str:
    """ "Safari on an iPad"; a telephone with Android says "Mobile", a tablet does not."""
    browser = next((word for sign, word in _BROWSERS if sign in user_agent), "")
    device = next((word for sign, word in _DEVICES if sign in user_agent), "")
    if device == "an Android tablet" and "Mobile" in user_agent:
        device = "an Android phone"
    if not browser and not device:
        return NOT_KNOWN
    return f"{browser or 'A browser'} on {device}" if device else browser

"""Files of clients and of past measurements: read, shown, checked, then taken in whole.

``records`` and ``cells`` read a file row by row, ``guesses`` says how it seems to be written,
``columns`` what each column may be; ``client_rows`` and ``measurement_rows`` judge a batch of
rows, ``running`` does it for the whole file. ``intake`` of the clinic is asked for nothing here:
whoever comes by a file has no screening, no clearance and no consent, and cannot be booked.
"""

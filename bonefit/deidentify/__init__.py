"""Turn a copy of a database into one without people, for demos and for support.

``tables_*`` say of every column whether it survives or what stands in its place, and ``dropped``
which tables have no rows in the copy. A test fails on what is in neither, and so does the command.
"""

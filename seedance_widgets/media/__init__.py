"""Reference media: anything that is a picture, a film or a sound as the file that is sent, and where it is put.

    convert ─▶ Medium ─▶ shelf (a copy by its hash) ─▶ place (bucket, function, loopback) ─▶ a link, when it leaves

Pillow, PyAV and obstore are loaded when they are first used.
"""

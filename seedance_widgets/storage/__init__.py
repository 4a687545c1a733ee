"""Object storage: a person's own bucket, clips that lie in one, and their local copies.

Everything here may block, and is called in threads. obstore is loaded when a bucket is first used.
"""

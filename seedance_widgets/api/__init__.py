"""The only door to HTTP: the API with the key, files without any.

`client` has the API's origin only; the key goes nowhere else, and no redirect is followed. `files` fetches output files
from any public host, with no key. `open_api` is what the vendor's wire looks like, `answers` what is made of answers.
"""

"""How fast `seedance_widgets` is: `python -m benchmarks` measures the figures that the README quotes.

Not part of the tests: nothing here fails because a machine is slow.
"""

"""Where the code runs, and who shows things there. Never imports IPython by itself."""

"""The Studio: a form, the list of jobs, and a stage."""

"""Jobs as people handle them: the handle, the list, the family of a job, costs, deletion."""

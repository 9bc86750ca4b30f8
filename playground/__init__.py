"""Pages and data: the demo catalogue and the sample queries. Imports nothing of ours."""

"""Other people's programming interfaces over `sanfang.client`: change the import line, nothing else."""

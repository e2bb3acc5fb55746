"""Every statement of the platform, by the noun it is about. SQL is spelt here and nowhere else."""

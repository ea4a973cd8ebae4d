"""Systems to compare with: the pipelines that everyone builds, and ours with parts removed."""

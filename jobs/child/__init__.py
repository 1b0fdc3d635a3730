"""What runs inside a child process. Nothing here imports Django, nor may what it is asked to run."""

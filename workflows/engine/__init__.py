"""How a run moves: pure. Rows, jobs, clocks and people are the shell's (`workflows.running`)."""

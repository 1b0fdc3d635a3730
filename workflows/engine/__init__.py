"""How a run moves: pure. What a step means is here; rows, jobs, clocks and people are the shell's (`workflows.running`)."""

"""When time runs out: warnings, breaches, and the rungs of the ladder, each once and in their order."""

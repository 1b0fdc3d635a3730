"""Deadlines: clocks that run, stand still and end (`clocks`), and what is due on the way (`milestones`)."""

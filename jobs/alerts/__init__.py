"""Alerts: what is measured (`readings`), who looks (`lookout`), what is raised and cleared (`raising`), who is told."""

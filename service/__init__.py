"""Starts and times everything: the command line, the pipeline, the schedule, the doctor, the demo."""

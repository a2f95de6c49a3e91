"""One attempt of run.sh: start it, judge it, carry files along, and write the outcome."""

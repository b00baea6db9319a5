"""Timings, each beside a peer in the same run; results/*.json holds what was measured, as ratios first."""

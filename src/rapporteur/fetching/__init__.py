"""`rapporteur fetch`: published data and weights brought to the places where the study looks for them.

A file is whole and checked, or absent; what stopped half-way goes on from there; data/<name>.lock.json says where
each came from, when, with what digest and under which licence.
"""

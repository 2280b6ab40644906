"""The slow executor that defines the meaning of a plan, voxel by voxel.

It shares the plan's data classes with the engine and nothing else: no function, no measure, no
limit. What it needs it writes out again, as slowly and as obviously as possible.
"""

"""All tests. Folders named like a room of the package test that room; the others are:

- ``end_to_end``: whole searches as a user runs them: laws, kills, full disks, contracts with searches of earlier versions
- ``on_slurm``: the same on a real Slurm, which ``on_slurm/slurm-up`` brings up
- ``docs``: what the pages say is what happens
- ``examples``: each directory of ``examples/`` does what its README says
- ``usercases``: template directories of many kinds, used as they are; ``00-fixture`` is the one that most tests use
- ``witness``: searches that an earlier version wrote; never edited

``conftest.py`` has the shell in which tests run commands, ``synthetic.py`` searches that were never trained, and
``test_architecture.py`` guards the order of the rooms.
"""

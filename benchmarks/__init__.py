"""Speed, always as a ratio within one run: absolute times say more about the machine than about the code.

Each ``bench_NAME.py`` is one measurement, run by ``dagsordenvagt bench [NAME]``. ``fit_weights.py`` fits the matcher.
"""

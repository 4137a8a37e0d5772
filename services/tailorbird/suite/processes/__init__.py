"""The suite's processes: started, watched, started again, stopped.

Start reading at `onemachine.py` and `supervisor.py`; `nursery.py` and `forking.py` make a process in milliseconds.
"""
